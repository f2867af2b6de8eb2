"""Does a number fit? Expressions, masks and prefixes, and lists of them that allow or deny.

Source: rating-routing.md 10 (dial peers), 13 (pools: a number, or a beginning with `%`), 16.2 (match lists).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from telecom.linear import ExpressionError, compile_expression

_MASK = re.compile(r"[0-9+*#xX?_%]{1,64}", re.ASCII)
_MASK_PARTS = {"%": "[0-9+*#]*", "x": "[0-9]", "X": "[0-9]", "?": "[0-9]", "_": "[0-9+*#]"}


class PatternKind(StrEnum):
    """REGEX is searched for anywhere in the number (anchor it with ^ and $); MASK describes the whole number."""

    REGEX = "regex"
    MASK = "mask"


@dataclass(frozen=True)
class Pattern:
    """One expression, or a mask: digits stand for themselves, x and ? for a digit, _ for a character, % for the rest.

    A mask has its `%` at the end only, so it is matched in linear time.
    """

    text: str
    kind: PatternKind = PatternKind.MASK

    def fits(self, number: str) -> bool:
        """Raises ExpressionError for an expression that doesn't compile."""
        return self._matcher.search(number) is not None

    @cached_property
    def _matcher(self) -> re.Pattern[str]:
        if self.kind is PatternKind.REGEX:
            found: re.Pattern[str] = compile_expression(self.text)
            return found
        if problem := mask_problem(self.text):
            raise ExpressionError(problem)
        return re.compile("^" + "".join(_MASK_PARTS.get(one) or re.escape(one) for one in self.text) + r"\Z")


def mask_problem(text: str) -> str:
    """Why this is no mask; empty when it is one."""
    if not _MASK.fullmatch(text):
        return f"A mask holds digits, +, *, #, x, ?, _ and at its end %; not {text[:40]!r}."
    if "%" in text[:-1]:
        return f"The sign % stands at the end of a mask only, not as in {text!r}."
    return ""


def pattern_problem(pattern: Pattern) -> str:
    """Why a pattern can't be used; empty when it can."""
    try:
        pattern.fits("")
    except ExpressionError as error:
        return str(error)
    return ""


class Verdict(NamedTuple):
    admitted: bool
    why: str


_ADMITTED = Verdict(True, "")


@dataclass(frozen=True)
class Filter:
    """Allow and deny lists. Without `allow` everything is allowed; `deny` has the last word."""

    allow: tuple[Pattern, ...] = ()
    deny: tuple[Pattern, ...] = ()

    def verdict(self, number: str) -> Verdict:
        for one in self.deny:
            if one.fits(number):
                return Verdict(False, f"{number or 'An empty number'} is denied by {one.text}.")
        if self.allow and not any(one.fits(number) for one in self.allow):
            return Verdict(False, f"{number or 'An empty number'} fits nothing that is allowed.")
        return _ADMITTED

    def admits(self, number: str) -> bool:
        return self.verdict(number).admitted


EVERYTHING = Filter()
