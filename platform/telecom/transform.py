"""One text that changes a number, in whichever grammar it is written; usable wherever a rule is.

A text that begins with `/` is a substitution (`/^00//`); one that holds `->` is a VOS3000 dial plan, lines parted by a
new line or a comma (`0->0, 010->025`); anything else is M2's and M4's `-cut+add|add`. Source: rating-routing.md 16.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from telecom import cut_add, substitution
from telecom.dial_plan import DialPlan, plan_problems
from telecom.linear import ExpressionError

ARROW = "->"
_NUMBER = re.compile(r"[0-9A-Za-z+*#]*", re.ASCII)
_SAMPLES = ("123456789012345", "+123456789012345", "00123456789012345")


class Grammar(StrEnum):
    CUT_ADD = "cut_add"
    REGEX = "regex"
    DIAL_PLAN = "dial_plan"


class Transformed(NamedTuple):
    """`part` is what of the text was applied; empty when nothing fitted and the number stays as it was."""

    number: str
    part: str


Transformation = Callable[[str, "Callable[[], float] | None"], Transformed]


class TransformError(ValueError):
    """A text that is no transformation; one sentence."""


def grammar(text: str) -> Grammar:
    """Which grammar a text is written in."""
    if text.startswith("/"):
        return Grammar.REGEX
    return Grammar.DIAL_PLAN if ARROW in text else Grammar.CUT_ADD


@lru_cache(maxsize=4096)
def transformation(text: str) -> Transformation:
    """A text ready to apply: (number, dice) -> Transformed. Raises TransformError."""
    try:
        kind = grammar(text)
        if kind is Grammar.REGEX:
            return _substitute(text)
        return _plan(text) if kind is Grammar.DIAL_PLAN else _parts(text)
    except ValueError as error:
        raise TransformError(str(error)) from None


def transform(text: str, number: str, dice: Callable[[], float] | None = None) -> Transformed:
    """Apply a text to a number; an empty text leaves it. Raises TransformError."""
    return transformation(text)(number, dice) if text else Transformed(number, "")


def transformation_problems(text: str) -> list[str]:
    """What is wrong with a text, one sentence each; what leaves nothing of a long number is wrong too."""
    if not text:
        return []
    try:
        if grammar(text) is Grammar.DIAL_PLAN:
            return plan_problems(_lines(text))
        apply = transformation(text)
    except ValueError as error:
        return [str(error)]
    if grammar(text) is Grammar.CUT_ADD:
        for part in cut_add.parse(text):
            if not _NUMBER.fullmatch((part.cut or "") + part.add):
                return [f"What is cut and added may hold letters, digits, +, * and # only, as in {text!r}."]
        return []
    return [f"The rule {text!r} leaves nothing of the number {one}." for one in _SAMPLES if not apply(one, None)[0]]


def _substitute(text: str) -> Transformation:
    rule = substitution.parse(text)

    def apply(number: str, dice: Callable[[], float] | None) -> Transformed:
        found, fitted = rule.apply(number)
        return Transformed(found, text if fitted else "")

    return apply


def _plan(text: str) -> Transformation:
    plan = DialPlan(_lines(text))

    def apply(number: str, dice: Callable[[], float] | None) -> Transformed:
        found, line = plan.apply(number, dice)
        return Transformed(found, f"{line.original}{ARROW}{line.target}" if line else "")

    return apply


def _parts(text: str) -> Transformation:
    parts = cut_add.parse(text)

    def apply(number: str, dice: Callable[[], float] | None) -> Transformed:
        found, part = cut_add.apply(parts, number)
        if part is None:
            return Transformed(found, "")
        return Transformed(found, part.add if part.cut is None else f"-{part.cut}+{part.add}")

    return apply


def _lines(text: str) -> list[tuple[str, str]]:
    lines = []
    for line in re.split(r"[\n,]", text):
        if line.strip():
            original, arrow, target = line.partition(ARROW)
            if not arrow:
                raise ExpressionError(f"A line of a dial plan is written original{ARROW}target, not {line.strip()!r}.")
            lines.append((original.strip(), target.strip()))
    return lines
