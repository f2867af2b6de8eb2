"""Millions of numbers and a short text for each, as one immutable block of bytes that is used where it is mapped.

Block, little-endian, sections padded to 8 bytes:
    header   8s magic, u64 numbers, u64 texts, u64 bytes of the texts (JSON)
    keys     u64[numbers], ascending; a number is kept with a 1 before it, so that zeros at its begin count
    values   u32[numbers], which text
    texts    a JSON list
"""

from __future__ import annotations

import json
import struct
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator

MAX_DIGITS = 18

_MAGIC = b"NMAP0001"
_HEADER = struct.Struct("<8s3Q")


class NumberMap:
    """A mapping of digits to texts: `NumberMap(build_map(rows))`, or a slice of a mapped file."""

    __slots__ = ("_keys", "_texts", "_values", "block")

    def __init__(self, block: bytes | memoryview) -> None:
        """Wrap a block; it is not copied. Raises ValueError when it is none."""
        view = memoryview(block)
        if len(view) < _HEADER.size or view[:8] != _MAGIC:
            raise ValueError("These bytes are no table of numbers.")
        _, numbers, texts, size = _HEADER.unpack_from(view)
        keys, values = _HEADER.size, _HEADER.size + 8 * numbers
        end = values + _padded(4 * numbers)
        if end + _padded(size) != len(view):
            raise ValueError("This table of numbers is cut short or too long.")
        self.block = view
        self._keys = view[keys:values].cast("Q")
        self._values = view[values : values + 4 * numbers].cast("I")
        self._texts: list[str] = json.loads(bytes(view[end : end + size]))
        if len(self._texts) != texts:
            raise ValueError("This table of numbers is cut short or too long.")

    def get(self, number: str) -> str | None:
        """The text of exactly this number."""
        if not (number.isascii() and number.isdigit()) or len(number) > MAX_DIGITS:
            return None
        key = int("1" + number)
        at = bisect_left(self._keys, key)
        return self._texts[self._values[at]] if at < len(self._keys) and self._keys[at] == key else None

    def items(self) -> Iterator[tuple[str, str]]:
        for key, value in zip(self._keys, self._values, strict=True):
            yield str(key)[1:], self._texts[value]

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, number: str) -> bool:
        return self.get(number) is not None


def build_map(rows: Iterable[tuple[str, str]]) -> bytes:
    """The block of (number, text); the last row of a number counts. Raises ValueError for what is no number."""
    texts: dict[str, int] = {}
    found: dict[int, int] = {}
    for number, text in rows:
        if not (number.isascii() and number.isdigit() and len(number) <= MAX_DIGITS):
            raise ValueError(f"A number has 1 to {MAX_DIGITS} digits and nothing else, not {number[:40]!r}.")
        found[int("1" + number)] = texts.setdefault(text, len(texts))
    keys = array("Q", sorted(found))
    values = array("I", (found[key] for key in keys)).tobytes()
    written = json.dumps(list(texts), separators=(",", ":")).encode()
    header = _HEADER.pack(_MAGIC, len(keys), len(texts), len(written))
    return header + keys.tobytes() + _pad(values) + _pad(written)


def _padded(size: int) -> int:
    return (size + 7) // 8 * 8


def _pad(part: bytes) -> bytes:
    return part + bytes(_padded(len(part)) - len(part))
