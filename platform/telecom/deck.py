"""A price list as one immutable block of bytes, used straight from a mapped file.

The prefixes of a deck nest, so laid out as numbers of 18 digits they cut the number line into intervals, and the
longest prefix of a number is one bisection away, whatever the lengths in the deck. Nothing is parsed at load: the
sections of the block are memoryviews. Equal rows (price, dates, blocked) are stored once.

Block, little-endian, every section padded to 8 bytes:
    header   8s magic, then u64 each: breakpoints, prefixes, versions, records
    starts   u64[breakpoints]       where an interval begins
    owners   u32[breakpoints]       the prefix it belongs to, or NONE
    parents  u32[prefixes]          the next shorter prefix of the deck, or NONE
    firsts   u32[prefixes + 1]      its first version; versions run from the newest to the oldest
    lengths  u8[prefixes]
    versions u32[versions]          the record of each
    records  RECORD[records]
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from telecom.rating import ZERO

MAX_PREFIX = 18


class DeckError(ValueError):
    """Rows that can't make a deck, or bytes that are none; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class DeckRow:
    """One line of a price list. `effective_from` is in microseconds since 1970 UTC; None = always was."""

    prefix: str
    per_minute: Decimal
    connection_fee: Decimal = ZERO
    min_time: int = 0
    increment: int = 1
    effective_from: int | None = None
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class DeckRecord:
    """The price of a row without its prefix; `index` is its place in the deck, the same for equal rows."""

    index: int
    per_minute: Decimal
    connection_fee: Decimal
    min_time: int
    increment: int
    effective_from: int | None
    blocked: bool


class Deck:
    """A mapped price list. Build one with `Deck(build(rows))`."""

    __slots__ = ("block",)

    def __init__(self, block: bytes | memoryview) -> None:
        """Wrap a block made by `build`; it is not copied. Raises DeckError when it is none."""
        self.block = memoryview(block)

    def find(self, number: str, now: int) -> tuple[str, DeckRecord] | None:
        """The longest prefix of `number` with a version in force at `now` (microseconds), and that version.

        A blocked version is found like any other and never gives way to a shorter prefix.
        """
        raise NotImplementedError

    def rows(self) -> Iterable[DeckRow]:
        """Every row, by prefix, newest version first."""
        raise NotImplementedError

    def __len__(self) -> int:
        """The number of rows."""
        raise NotImplementedError


def build(rows: Iterable[DeckRow]) -> bytes:
    """The block of a price list. Raises DeckError for a bad prefix, a doubled row or an amount out of range."""
    raise NotImplementedError
