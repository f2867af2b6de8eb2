r"""VOS3000's dial plan: lines `original -> target`, of which the longest original that fits is applied.

Original: digits and +, `?` for any digit, a `*` at the end; then a guard L n, E n or G n: less than, exactly or more
than n digits behind the prefix. Nothing, or `*` alone, fits every number and comes last.
Target: digits and +, `$` keeps the original's digit of that place, `?` draws a digit, `*` is the rest of the number,
`a-b` draws a number of that range, `;` parts alternatives of which one is drawn. Nothing removes the prefix.
`\L`, `\E` and `\G` are letters. A range, a `?`-pool or a list stands for the whole number; other targets keep the rest,
except behind a bare `*`. Source: rating-routing.md 16.3 with its decisions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

MAX_LENGTH = 255

_GUARD = re.compile(r"(?<!\\)([LEG])([0-9]{1,2})\Z", re.ASCII)
_PREFIX = re.compile(r"(?:[0-9+?#]|\\[LEG])*", re.ASCII)
_CHOICE = re.compile(r"(?:[0-9+?$#*]|\\[LEG])*", re.ASCII)
_RANGE = re.compile(r"([0-9]{1,18})-([0-9]{1,18})", re.ASCII)

# Less than, exactly, more than so many signs behind the prefix.
_GUARDS: dict[str, Callable[[int, int], bool]] = {
    "L": lambda rest, count: rest < count,
    "E": lambda rest, count: rest == count,
    "G": lambda rest, count: rest > count,
}

Dice = Callable[[], float]


class PlanError(ValueError):
    """A line that can't be used; the text is one sentence."""


class Line(NamedTuple):
    """One line as it is written."""

    original: str
    target: str


class Applied(NamedTuple):
    number: str
    line: Line | None


@dataclass(frozen=True, slots=True)
class _Compiled:
    line: Line
    prefix: tuple[str, ...]
    guard: str
    count: int
    bare: bool
    choices: tuple[str, ...]
    replaces: bool

    def fits(self, number: str) -> bool:
        size = len(self.prefix)
        if len(number) < size or (self.guard and not _GUARDS[self.guard](len(number) - size, self.count)):
            return False
        return all(
            sign == digit or (sign == "?" and digit.isdigit()) for sign, digit in zip(self.prefix, number, strict=False)
        )


class DialPlan:
    """The lines compiled, the winner first. Raises PlanError."""

    __slots__ = ("_lines",)

    def __init__(self, lines: Iterable[tuple[str, str]]) -> None:
        compiled = [_compile(Line(*one)) for one in lines]
        known: set[tuple[object, ...]] = set()
        for one in compiled:
            key = (one.prefix, one.guard, one.count)
            if key in known:
                raise PlanError(f"The original {one.line.original or 'that is empty'} stands twice in the plan.")
            known.add(key)
        exact = [(-len(one.prefix), one.prefix.count("?"), not one.guard, place) for place, one in enumerate(compiled)]
        self._lines = tuple(one for _, one in sorted(zip(exact, compiled, strict=True), key=lambda pair: pair[0]))

    def apply(self, number: str, dice: Dice | None = None) -> Applied:
        """The number after the line that fits best. Without `dice` every draw takes the first possibility."""
        for one in self._lines:
            if one.fits(number):
                return Applied(_target(one, number, dice or _first), one.line)
        return Applied(number, None)


def plan_problems(lines: Iterable[tuple[str, str]]) -> list[str]:
    """What is wrong with a plan, one sentence each; also a line that leaves nothing of a number longer than its prefix.

    A number that is nothing but the prefix may end empty: such a call is refused when it is made.
    """
    plan = [Line(*one) for one in lines]
    found = []
    for one in plan:
        try:
            compiled = _compile(one)
        except PlanError as error:
            found.append(str(error))
            continue
        shortest = _shortest(compiled)
        if any(not _target(compiled, shortest, dice) for dice in (_first, _last)):
            found.append(
                f"The line {one.original or '(empty)'} can leave nothing of the number: give it a target, or end the "
                "target with *."
            )
    if not found:
        try:
            DialPlan(plan)
        except PlanError as error:
            found.append(str(error))
    return found


def _compile(line: Line) -> _Compiled:
    if len(line.original) + len(line.target) > MAX_LENGTH:
        raise PlanError(f"A line has at most {MAX_LENGTH} characters.")
    original, guard, count = line.original, "", 0
    if found := _GUARD.search(original):
        original, guard, count = original[: found.start()], found[1], int(found[2])
    bare = original == "*" and not guard
    original = original.removesuffix("*")
    if not _PREFIX.fullmatch(original):
        raise PlanError(
            f"An original holds digits, +, #, ? and at its end * or L, E or G with a number; not {line.original!r}."
        )
    choices = tuple(line.target.split(";"))
    for one in choices:
        if not (_RANGE.fullmatch(one) or _CHOICE.fullmatch(one)) or "*" in one[:-1]:
            raise PlanError(f"A target holds digits, +, #, $, ?, at its end *, or a range; not {one!r}.")
        if (limits := _RANGE.fullmatch(one)) and (int(limits[1]) > int(limits[2]) or len(limits[1]) != len(limits[2])):
            raise PlanError(f"The range {one} must run from a lower to a higher number of the same length.")
        if one.count("$") and len(_signs(one)) > len(_signs(original)):
            raise PlanError(f"The target {one} keeps a digit by $ that the original {line.original} doesn't have.")
    replaces = len(choices) > 1 or "?" in line.target or _RANGE.fullmatch(line.target) is not None
    return _Compiled(line, _signs(original), guard, count, bare, choices, replaces)


def _target(one: _Compiled, number: str, dice: Dice) -> str:
    choice = one.choices[_draw(len(one.choices), dice)]
    rest = number[len(one.prefix) :]
    if limits := _RANGE.fullmatch(choice):
        first, last = int(limits[1]), int(limits[2])
        return str(first + _draw(last - first + 1, dice)).zfill(len(limits[1]))
    keeps = choice.endswith("*") or not (one.replaces or one.bare)
    made = ""
    for place, sign in enumerate(_signs(choice.removesuffix("*"))):
        made += number[place] if sign == "$" else str(_draw(10, dice)) if sign == "?" else sign
    return made + rest if keeps else made


def _shortest(one: _Compiled) -> str:
    digits = "".join("0" if sign == "?" else sign for sign in one.prefix)
    least = {"E": one.count, "G": one.count + 1}.get(one.guard, 1)
    return digits + "0" * least


def _signs(text: str) -> tuple[str, ...]:
    r"""The signs of a text, `\L` being one."""
    return tuple(one[-1] for one in re.findall(r"\\.|.", text))


def _draw(count: int, dice: Dice) -> int:
    return min(int(dice() * count), count - 1) if count > 1 else 0


def _first() -> float:
    return 0.0


def _last() -> float:
    return 1.0
