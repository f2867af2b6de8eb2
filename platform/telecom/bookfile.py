"""A book as a compact file: a JSON head for what is small, then price lists and number tables as they are used.

    8s magic, u64 length of the head, the head (JSON, padded to 8 bytes), then the decks one after another (each padded)

The head says where each deck begins, counted from the end of the head. What has its default value is left out of it.
"""

from __future__ import annotations

import dataclasses
import json
import struct
import types
import typing
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

from telecom.book import Book
from telecom.deck import Deck
from telecom.numbermap import NumberMap

_MAGIC = b"BOOK0001"
_FRAME = struct.Struct("<8sQ")

_Out = Callable[[Any, list[memoryview]], Any]
_In = Callable[[Any, memoryview], Any]


def encode(book: Book) -> bytes:
    """The file of a book."""
    decks: list[memoryview] = []
    head = json.dumps(_codec(Book)[0](book, decks), separators=(",", ":"), ensure_ascii=False).encode()
    head += b" " * (-len(head) % 8)
    return b"".join((_FRAME.pack(_MAGIC, len(head)), head, *decks))


def decode(file: bytes | memoryview) -> Book:
    """The book in a (mapped) file. Raises ValueError for what is none. Decks keep using `file`."""
    view = memoryview(file)
    try:
        magic, length = _FRAME.unpack_from(view)
        if magic != _MAGIC:
            raise ValueError(magic)
        begin = _FRAME.size + length
        book = _codec(Book)[1](json.loads(bytes(view[_FRAME.size : begin])), view[begin:])
    except (struct.error, KeyError, TypeError, ValueError, ArithmeticError):
        raise ValueError("These bytes are no book.") from None
    if not isinstance(book, Book):
        raise ValueError("These bytes are no book.")
    return book


@cache
def _codec(hint: Any) -> tuple[_Out, _In]:
    """How a value of this type becomes JSON and comes back, made once per type."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is types.UnionType:
        out, back = _codec(next(one for one in arguments if one is not types.NoneType))
        return (
            lambda value, decks: None if value is None else out(value, decks),
            lambda data, blobs: None if data is None else back(data, blobs),
        )
    if origin is tuple:
        out, back = _codec(arguments[0])
        return (
            lambda value, decks: [out(one, decks) for one in value],
            lambda data, blobs: tuple(back(one, blobs) for one in data),
        )
    if origin is Mapping:
        key, (out, back) = arguments[0], _codec(arguments[1])
        return (
            lambda value, decks: {str(name): out(one, decks) for name, one in value.items()},
            lambda data, blobs: {key(name): back(one, blobs) for name, one in data.items()},
        )
    if hint is Deck or hint is NumberMap:
        return _block_out, lambda data, blobs: hint(blobs[data[0] : data[0] + data[1]])
    if hint is Decimal:
        return lambda value, decks: str(value), lambda data, blobs: Decimal(data)
    if dataclasses.is_dataclass(hint):
        return _dataclass_codec(typing.cast(type, hint))
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return lambda value, decks: value.value, lambda data, blobs: hint(data)
    return lambda value, decks: value, lambda data, blobs: data


def _dataclass_codec(kind: type) -> tuple[_Out, _In]:
    hints = typing.get_type_hints(kind)
    fields = [(one.name, *_codec(hints[one.name]), one.default) for one in dataclasses.fields(kind) if one.init]
    readers = {name: back for name, _, back, _ in fields}

    def out(value: Any, decks: list[memoryview]) -> dict[str, Any]:
        found = {}
        for name, write, _, default in fields:
            one = getattr(value, name)
            if one != default:
                found[name] = write(one, decks)
        return found

    def back(data: dict[str, Any], blobs: memoryview) -> Any:
        return kind(**{name: readers[name](one, blobs) for name, one in data.items()})

    return out, back


def _block_out(one: Deck | NumberMap, blocks: list[memoryview]) -> list[int]:
    begin = sum(len(each) for each in blocks)
    blocks.append(one.block)
    return [begin, len(one.block)]
