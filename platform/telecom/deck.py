"""A price list as one immutable block of bytes, used straight from a mapped file.

The prefixes of a deck nest, so laid out as numbers of 18 digits they cut the number line into intervals, and the
longest prefix of a number is one bisection away, whatever lengths the deck has. Nothing is parsed at load: the
sections of the block are memoryviews. Equal rows (price, date, blocked) are stored once.

Block, little-endian, every section padded to 8 bytes:
    header   8s magic, then u64 each: breakpoints, prefixes, versions, records
    starts   u64[breakpoints]   where an interval begins
    owners   u32[breakpoints]   the prefix it belongs to, or NONE
    parents  u32[prefixes]      the next shorter prefix of the deck, or NONE
    firsts   u32[prefixes + 1]  its first version; versions run from the newest to the oldest
    lengths  u8[prefixes]
    versions u32[versions]      the record of each
    records  RECORD[records]
"""

from __future__ import annotations

import struct
import sys
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import combinations

from telecom.exact import EXACT, ZERO
from telecom.local_time import MINUTES, DayKind, LocalDay, length, local_day, within

MAX_PREFIX = 18

_MAGIC = b"DECK0001"
_HEADER = struct.Struct("<8s4Q")
# per_minute, connection_fee (mantissas), effective_from, min_time, increment (or the retail group), the two exponents,
# flags, kind of day, first minute of the day and the first one behind
_RECORD = struct.Struct("<qqqIIBBBBHH")
_BLOCKED, _GROUPED = 1, 2
_DAYS = (DayKind.ALL, DayKind.WORKING, DayKind.FREE)
_NONE = 0xFFFF_FFFF
_ALWAYS = -(1 << 63)
_CACHED_RECORDS = 1 << 16


class DeckError(ValueError):
    """Rows that can't make a deck, or bytes that are none; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class DeckRow:
    """One line of a price list. `effective_from` is in microseconds since 1970 UTC; None = always was.

    It may count on one kind of day only, and from minute `start` of the day to before minute `end` (equal: all day; it
    may wrap past midnight). A retail price has its `group` instead of fee, minimum and increment.
    """

    prefix: str
    per_minute: Decimal
    connection_fee: Decimal = ZERO
    min_time: int = 0
    increment: int = 1
    effective_from: int | None = None
    blocked: bool = False
    day: DayKind = DayKind.ALL
    start: int = 0
    end: int = 0
    group: int = 0


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
    group: int = 0
    day: DayKind = DayKind.ALL
    start: int = 0
    end: int = 0
    timed: bool = False

    def counts(self, day: LocalDay) -> bool:
        """Whether it counts at this time of this kind of day."""
        return self.day in (DayKind.ALL, day.kind) and within(day.minute, self.start, self.end)


class Deck:
    """A mapped price list: `Deck(build(rows))`, or a slice of a mapped file."""

    __slots__ = ("_firsts", "_lengths", "_owners", "_parents", "_read", "_records", "_starts", "_versions", "block")

    def __init__(self, block: bytes | memoryview) -> None:
        """Wrap a block made by `build`; it is not copied. Raises DeckError when it is none."""
        view = memoryview(block)
        if sys.byteorder != "little":
            raise DeckError("Price lists are kept in little-endian order, which this machine doesn't have.")
        if len(view) < _HEADER.size or view[:8] != _MAGIC:
            raise DeckError("These bytes are no price list.")
        _, breakpoints, prefixes, versions, records = _HEADER.unpack_from(view)
        sizes = (8 * breakpoints, 4 * breakpoints, 4 * prefixes, 4 * prefixes + 4, prefixes, 4 * versions)
        at = _HEADER.size
        parts = []
        for size in (*sizes, _RECORD.size * records):
            parts.append(view[at : at + size])
            at += _padded(size)
        if at != len(view):
            raise DeckError("This price list is cut short or too long.")
        self.block = view
        self._starts = parts[0].cast("Q")
        self._owners = parts[1].cast("I")
        self._parents = parts[2].cast("I")
        self._firsts = parts[3].cast("I")
        self._lengths = parts[4]
        self._versions = parts[5].cast("I")
        self._records = parts[6]
        self._read: dict[int, DeckRecord] = {}

    def find(self, number: str, now: int, today: Callable[[], LocalDay] | None = None) -> tuple[str, DeckRecord] | None:
        """The longest prefix of `number` (digits) with a version in force at `now` (microseconds), and that version.

        A blocked version is found like any other and never gives way to a shorter prefix. Of the versions of a prefix
        one for a kind of day comes before one for all, then the one for fewer minutes of the day, then the newest.
        `today` says what day and minute it is in the tariff's zone (without it UTC, weekends free).
        """
        if not number.isdecimal():
            return None
        at = bisect_right(self._starts, int(number[:MAX_PREFIX].ljust(MAX_PREFIX, "0"))) - 1
        if at < 0:
            return None
        prefix = self._owners[at]
        while prefix != _NONE:
            length = self._lengths[prefix]
            if length <= len(number):  # a shorter number may have landed inside a longer prefix
                for version in range(self._firsts[prefix], self._firsts[prefix + 1]):
                    record = self._record(self._versions[version])
                    if (record.effective_from is None or record.effective_from <= now) and (
                        not record.timed or record.counts(today() if today else local_day(now, "UTC", {}))
                    ):
                        return number[:length], record
            prefix = self._parents[prefix]
        return None

    def rows(self) -> Iterator[DeckRow]:
        """Every row, by prefix, the newest version of each first."""
        texts: dict[int, str] = {}
        for start, prefix in zip(self._starts, self._owners, strict=True):
            while prefix != _NONE and prefix not in texts:  # a prefix covered by longer ones owns no interval itself
                texts[prefix] = str(start).zfill(MAX_PREFIX)[: self._lengths[prefix]]
                prefix = self._parents[prefix]
        for prefix in range(len(self._lengths)):
            for version in range(self._firsts[prefix], self._firsts[prefix + 1]):
                one = self._record(self._versions[version])
                yield DeckRow(
                    texts[prefix],
                    one.per_minute,
                    one.connection_fee,
                    one.min_time,
                    one.increment,
                    one.effective_from,
                    one.blocked,
                    one.day,
                    one.start,
                    one.end,
                    one.group,
                )

    def __len__(self) -> int:
        """The number of rows."""
        return len(self._versions)

    def _record(self, index: int) -> DeckRecord:
        found = self._read.get(index)
        if found is None:
            if len(self._read) >= _CACHED_RECORDS:
                self._read.clear()
            found = self._read[index] = self._unpack(index)
        return found

    def _unpack(self, index: int) -> DeckRecord:
        rate, fee, since, min_time, increment, rate_exponent, fee_exponent, flags, day, start, end = (
            _RECORD.unpack_from(self._records, index * _RECORD.size)
        )
        group = increment if flags & _GROUPED else 0
        return DeckRecord(
            index,
            EXACT.scaleb(Decimal(rate), -rate_exponent),
            EXACT.scaleb(Decimal(fee), -fee_exponent),
            min_time,
            1 if group else increment,
            None if since == _ALWAYS else since,
            bool(flags & _BLOCKED),
            group,
            _DAYS[day],
            start,
            end,
            bool(day or start != end),
        )


def build(rows: Iterable[DeckRow]) -> bytes:
    """The block of a price list. Raises DeckError for a bad prefix, a doubled row or a value out of range."""
    records: dict[bytes, int] = {}
    by_prefix: dict[str, list[tuple[_Place, int]]] = {}
    for row in rows:
        if not (row.prefix.isascii() and row.prefix.isdigit() and len(row.prefix) <= MAX_PREFIX):
            raise DeckError(f"A prefix is 1 to {MAX_PREFIX} digits, not {row.prefix[:40]!r}.")
        record = _pack(row)
        by_prefix.setdefault(row.prefix, []).append((_place(row), records.setdefault(record, len(records))))
    ordered = sorted((_start(prefix), len(prefix), prefix) for prefix in by_prefix)
    firsts, versions = array("I", [0]), array("I")
    for _, _, prefix in ordered:
        dated = sorted(by_prefix[prefix])
        for (one, _), (following, _) in zip(dated, dated[1:], strict=False):
            if one == following:
                raise DeckError(f"Prefix {prefix} has two prices from the same instant.")
        versions.extend(record for _, record in dated)
        firsts.append(len(versions))
    starts, owners, parents = _intervals(ordered)
    lengths = bytes(length for _, length, _ in ordered)
    header = _HEADER.pack(_MAGIC, len(starts), len(ordered), len(versions), len(records))
    sections = (starts, owners, parents, firsts, lengths, versions, b"".join(records))
    return header + b"".join(
        part + bytes(_padded(len(part)) - len(part)) for part in (bytes(memoryview(one).cast("B")) for one in sections)
    )


def _intervals(ordered: list[tuple[int, int, str]]) -> tuple[array[int], array[int], array[int]]:
    """Cut the number line at every prefix's begin and end; each piece belongs to the longest prefix around it."""
    starts, owners, parents = array("Q"), array("I"), array("I")
    open_ones: list[tuple[int, int]] = []  # (where it ends, its index), innermost last

    def cut(at: int, owner: int) -> None:
        if starts and starts[-1] == at:
            owners[-1] = owner
        else:
            starts.append(at)
            owners.append(owner)

    for index, (start, digits, _) in enumerate(ordered):
        while open_ones and open_ones[-1][0] <= start:
            end, _ = open_ones.pop()
            cut(end, open_ones[-1][1] if open_ones else _NONE)
        parents.append(open_ones[-1][1] if open_ones else _NONE)
        cut(start, index)
        open_ones.append((start + 10 ** (MAX_PREFIX - digits), index))
    while open_ones:
        end, _ = open_ones.pop()
        cut(end, open_ones[-1][1] if open_ones else _NONE)
    return starts, owners, parents


_Place = tuple[bool, int, int, DayKind, int]


def _place(row: DeckRow) -> _Place:
    """The order of a prefix's versions: the one that is meant for less time first, then the newest."""
    since = _ALWAYS if row.effective_from is None else row.effective_from
    return row.day is DayKind.ALL, length(row.start, row.end), row.start, row.day, -since


def time_problems(rows: Iterable[DeckRow]) -> list[str]:
    """Prices of one prefix for times that overlap without one being the narrower, one sentence each."""
    groups: dict[tuple[object, ...], list[DeckRow]] = {}
    for row in rows:
        if row.start != row.end:
            key = (row.prefix, row.day, row.effective_from, length(row.start, row.end))
            groups.setdefault(key, []).append(row)
    found = []
    for group in groups.values():
        for one, other in combinations(group, 2):
            if one.start != other.start and (
                within(one.start, other.start, other.end) or within(other.start, one.start, one.end)
            ):
                found.append(
                    f"Prefix {one.prefix} has two prices of the same length at {_clock(max(one.start, other.start))}: "
                    "make one of them shorter."
                )
    return found


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _start(prefix: str) -> int:
    return int(prefix.ljust(MAX_PREFIX, "0"))


def _pack(row: DeckRow) -> bytes:
    try:
        rate, rate_exponent = _mantissa(row.per_minute)
        fee, fee_exponent = _mantissa(row.connection_fee)
    except ValueError as why:
        raise DeckError(f"A price of prefix {row.prefix} {why}.") from None
    since = _ALWAYS if row.effective_from is None else row.effective_from
    if not (0 <= row.start < MINUTES and 0 <= row.end < MINUTES):
        raise DeckError(f"A time of day of prefix {row.prefix} runs from 00:00 to 23:59.")
    flags = (_BLOCKED if row.blocked else 0) | (_GROUPED if row.group else 0)
    increment = row.group or row.increment
    day = _DAYS.index(row.day)
    start, end = (0, 0) if row.start == row.end else (row.start, row.end)
    try:
        return _RECORD.pack(
            rate, fee, since, row.min_time, increment, rate_exponent, fee_exponent, flags, day, start, end
        )
    except struct.error:
        raise DeckError(f"A time of prefix {row.prefix} is negative or too large.") from None


@lru_cache(maxsize=1 << 16)
def _mantissa(amount: Decimal) -> tuple[int, int]:
    """The amount as whole number and count of decimals, with no zeros at the end so that equal prices are equal."""
    if not amount.is_finite() or amount < 0:
        raise ValueError("must be a number that is not negative")
    exponent = EXACT.normalize(amount).as_tuple().exponent
    decimals = max(0, -exponent) if isinstance(exponent, int) else 0
    whole = int(EXACT.scaleb(amount, decimals))
    if whole >= 1 << 63 or decimals > MAX_PREFIX:
        raise ValueError("has too many digits")
    return whole, decimals


def _padded(size: int) -> int:
    return (size + 7) // 8 * 8
