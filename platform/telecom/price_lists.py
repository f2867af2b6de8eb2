"""Work on whole price lists: one made from an LCR, the difference of two, changes by mask.

Source: rating-routing.md sections 9 and 15.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from telecom.deck import DeckRow
from telecom.exact import EXACT, ZERO
from telecom.matching import Pattern

_HUNDRED = Decimal(100)


class Priced(NamedTuple):
    """A prefix of a made list: the lowest and the highest rate of its providers."""

    prefix: str
    lowest: Decimal
    highest: Decimal


def from_lcr(decks: Iterable[tuple[Iterable[DeckRow], Decimal]], zeros: bool = False) -> list[Priced]:
    """What an LCR's providers take for each prefix that one of them names, converted by the factor of each deck.

    `decks` are the rows in force of every provider, inactive ones too; blocked rows are no price. Rates of zero are
    left out unless `zeros`. Overrides by destination don't count.
    """
    found: dict[str, tuple[Decimal, Decimal]] = {}
    for rows, factor in decks:
        for row in rows:
            if row.blocked or not (row.per_minute or zeros):
                continue
            rate = EXACT.multiply(row.per_minute, factor)
            lowest, highest = found.get(row.prefix, (rate, rate))
            found[row.prefix] = min(lowest, rate), max(highest, rate)
    return [Priced(prefix, *found[prefix]) for prefix in sorted(found)]


def csv_line(priced: Priced, country: str, name: str, kind: str) -> str:
    """`country,name,prefix,type,min,max`, as MOR writes it."""
    fields = (country, name, priced.prefix, kind, f"{priced.lowest:f}", f"{priced.highest:f}")
    return ",".join(_field(one) for one in fields)


def _field(text: str) -> str:
    if text[:1] in ("=", "+", "-", "@"):  # a spreadsheet would run it
        text = "'" + text
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\n\r') else text


class Change(StrEnum):
    """What became of a prefix from one list to the other."""

    NEW = "new"
    UP = "up"
    DOWN = "down"
    SAME = "same"
    TERMS = "terms"
    BLOCKED = "blocked"
    CLOSED = "closed"


class Changed(NamedTuple):
    """`percent` of the old rate; None where there was none, or it was zero."""

    prefix: str
    change: Change
    old: DeckRow | None
    new: DeckRow | None
    difference: Decimal
    percent: Decimal | None


def difference(old: Iterable[DeckRow], new: Iterable[DeckRow]) -> list[Changed]:
    """Every prefix of both lists, by prefix. Lists hold one row per prefix: those that are in force."""
    before = {row.prefix: row for row in old}
    after = {row.prefix: row for row in new}
    return [_changed(prefix, before.get(prefix), after.get(prefix)) for prefix in sorted({*before, *after})]


def in_force(rows: Iterable[DeckRow], now: int) -> Iterator[DeckRow]:
    """Of each prefix and time of day the newest row that counts at `now` (microseconds)."""
    newest: dict[tuple[object, ...], DeckRow] = {}
    for row in rows:
        since = row.effective_from
        if since is not None and since > now:
            continue
        key = (row.prefix, row.day, row.start, row.end)
        known = newest.get(key)
        if known is None or known.effective_from is None or (since is not None and since > known.effective_from):
            newest[key] = row
    yield from newest.values()


def _changed(prefix: str, old: DeckRow | None, new: DeckRow | None) -> Changed:
    before = ZERO if old is None else old.per_minute
    after = ZERO if new is None else new.per_minute
    moved = EXACT.subtract(after, before)
    percent = None
    if old is not None and new is not None and before:
        percent = (moved * _HUNDRED / before).quantize(Decimal("0.01"))
    return Changed(prefix, _kind(old, new, moved), old, new, moved, percent)


def _kind(old: DeckRow | None, new: DeckRow | None, moved: Decimal) -> Change:
    if old is None:
        return Change.NEW
    if new is None:
        return Change.CLOSED
    if old.blocked is not new.blocked:
        return Change.BLOCKED if new.blocked else Change.NEW
    if moved:
        return Change.UP if moved > 0 else Change.DOWN
    same = replace(new, effective_from=old.effective_from, per_minute=old.per_minute) == old
    return Change.SAME if same else Change.TERMS


def masked(rows: Iterable[DeckRow], mask: str) -> list[DeckRow]:
    """The rows whose prefix fits a mask like `370%` or `37x6`."""
    pattern = Pattern(mask)
    return [row for row in rows if pattern.fits(row.prefix)]


def changed_by(rows: Sequence[DeckRow], change: Callable[[Decimal], Decimal]) -> list[DeckRow]:
    """The rows with their rates changed; a rate never falls below nothing."""
    return [replace(row, per_minute=max(ZERO, change(row.per_minute))) for row in rows]


def worth(changes: Iterable[Changed], minutes: Mapping[str, Decimal]) -> Decimal:
    """What the changes make of past minutes by prefix: how much more (or less) those would have cost."""
    total = ZERO
    for one in changes:
        if one.old is not None and one.new is not None:
            total = EXACT.add(total, EXACT.multiply(one.difference, minutes.get(one.prefix, ZERO)))
    return total
