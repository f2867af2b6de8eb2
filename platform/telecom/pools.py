"""Number pools: named lists of numbers and of beginnings (`370%`), as lists and as a source of caller ids.

Source: rating-routing.md section 13.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

MAX_DEVIATION = 9_999_999


@dataclass(frozen=True)
class Pool:
    """`deviation`: see `pick`. A beginning is written `370%`, or `#370` as MOR marks it."""

    id: int
    numbers: tuple[str, ...] = ()
    deviation: int = MAX_DEVIATION
    name: str = ""

    @cached_property
    def _sets(self) -> tuple[frozenset[str], frozenset[str]]:
        begins = {one.removesuffix("%").removeprefix("#") for one in self.numbers if _is_begin(one)}
        return frozenset(one for one in self.numbers if not _is_begin(one)), frozenset(begins)

    @cached_property
    def plain(self) -> tuple[str, ...]:
        """The whole numbers, which alone can be given out."""
        return tuple(one for one in self.numbers if not _is_begin(one))

    def entry_of(self, number: str) -> str | None:
        """The entry that the number is on the list by; whole numbers first, then the longest beginning."""
        exact, begins = self._sets
        if number in exact:
            return number
        for length in range(len(number), -1, -1) if begins else ():
            if number[:length] in begins:
                return number[:length] + "%"
        return None

    def __contains__(self, number: str) -> bool:
        return self.entry_of(number) is not None


def pick(
    numbers: Sequence[str], used: Mapping[str, int], deviation: int, dice: Callable[[], float] | None
) -> str | None:
    """One of the numbers, drawn evenly among those used at most `deviation` times more than the least used one.

    Deviation 0 keeps the counts equal, the highest is wholly random. Without `dice` the first of them.
    """
    if not numbers:
        return None
    if deviation >= MAX_DEVIATION:
        drawn = numbers
    else:
        most = min(used.get(one, 0) for one in numbers) + deviation
        drawn = [one for one in numbers if used.get(one, 0) <= most]
    return drawn[min(int(dice() * len(drawn)), len(drawn) - 1)] if dice else drawn[0]


def pool_problems(numbers: Sequence[str], deviation: int = 0) -> list[str]:
    """What is wrong with the entries of a pool, one sentence each."""
    found = []
    for one in numbers:
        digits = one.removesuffix("%").removeprefix("#").removeprefix("+")
        if not (digits.isascii() and digits.isdigit()) and one != "%":
            found.append(f"An entry is a number, or a beginning with % behind it, not {one[:40]!r}.")
    if not 0 <= deviation <= MAX_DEVIATION:
        found.append(f"The deviation runs from 0 to {MAX_DEVIATION}.")
    return found


def _is_begin(entry: str) -> bool:
    return entry.endswith("%") or entry.startswith("#")
