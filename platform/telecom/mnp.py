"""Number portability: which carrier a number was taken to, before it is priced. Source: rating-routing.md 2, step 6.

The table's text of a number is its carrier's prefix. A number that is known as it stands gets the prefix before it;
one that is known behind a dial prefix gets it between the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from telecom.numbermap import NumberMap

_DIGITS = re.compile(r"[0-9]{1,18}", re.ASCII)


class Ported(NamedTuple):
    """`number` is what is priced and sent from now on. `prefix` empty: the number is not in the table."""

    number: str
    prefix: str
    dial_prefix: str

    @property
    def hit(self) -> bool:
        return bool(self.prefix)


@dataclass(frozen=True, slots=True)
class Mnp:
    """`dial_prefixes` are stripped, the longest first, to look a number up a second time. `lcr_id` routes a hit."""

    table: NumberMap
    dial_prefixes: tuple[str, ...] = ()
    lcr_id: int | None = None

    def look_up(self, number: str) -> Ported:
        """A leading + stands before everything and is kept."""
        plus = "+" if number.startswith("+") else ""
        digits = number[len(plus) :]
        if prefix := self.table.get(digits):
            return Ported(plus + prefix + digits, prefix, "")
        for dial_prefix in sorted(self.dial_prefixes, key=len, reverse=True):
            rest = digits.removeprefix(dial_prefix)
            if dial_prefix and rest and rest != digits and (prefix := self.table.get(rest)):
                return Ported(plus + dial_prefix + prefix + rest, prefix, dial_prefix)
        return Ported(number, "", "")


def request_text(ported: Ported) -> str:
    """What stands behind the number on the request line of a provider that wants to know (RFC 4694)."""
    return f";npdi;rn={ported.number}" if ported.hit else ";npdi"


def without_prefix(number: str, ported: Ported | None) -> str:
    """The number as it was before its carrier's prefix was put in, if that still stands where it was put."""
    if ported is None or not ported.hit:
        return number
    begin = ported.dial_prefix + ported.prefix
    return ported.dial_prefix + number[len(begin) :] if number.startswith(begin) else number


class BadLine(NamedTuple):
    line: int
    text: str


def clean_rows(rows: Iterable[tuple[str, str]], bad: list[BadLine]) -> Iterator[tuple[str, str]]:
    """The rows that hold digits only; the others go to `bad` with their line, as MOR drops them but shown."""
    for line, (number, prefix) in enumerate(rows, 1):
        if _DIGITS.fullmatch(number) and _DIGITS.fullmatch(prefix):
            yield number, prefix
        else:
            bad.append(BadLine(line, f"{number},{prefix}"[:80]))
