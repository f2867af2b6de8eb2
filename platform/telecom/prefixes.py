"""Number prefixes as price lists and rules write them: checking, ranges, the longest one that fits."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from telecom.deck import MAX_PREFIX

MAX_RANGE = 10_000

_PREFIX = re.compile(rf"[0-9]{{1,{MAX_PREFIX}}}", re.ASCII)
_SPLIT = re.compile(r"[\s,;]+")


class PrefixError(ValueError):
    """What was written is no prefix; the text is one sentence."""


def prefix_problem(text: str) -> str:
    """Why this is no prefix; empty when it is one."""
    if _PREFIX.fullmatch(text):
        return ""
    if not text:
        return "A prefix is missing."
    if not (text.isascii() and text.isdigit()):
        return f"A prefix holds digits only, not {text[:40]!r}."
    return f"A prefix has at most {MAX_PREFIX} digits, not {len(text)}."


def longest(prefixes: Collection[str], number: str) -> str | None:
    """The longest of `prefixes` (best a set) that `number` begins with."""
    for length in range(min(len(number), MAX_PREFIX), 0, -1):
        if number[:length] in prefixes:
            return number[:length]
    return None


def expand(text: str) -> list[str]:
    """The prefixes in a list like "370, 44201-44209"; both ends of a range have the same length. Raises PrefixError."""
    found: list[str] = []
    for part in _SPLIT.split(text.strip()):
        if part:
            found.extend(_range(part))
    if not found:
        raise PrefixError("A prefix is missing.")
    return found


def _range(part: str) -> Iterator[str]:
    first, dash, last = part.partition("-")
    for one in (first, last) if dash else (first,):
        if problem := prefix_problem(one):
            raise PrefixError(problem)
    if not dash:
        yield first
        return
    if len(first) != len(last):
        raise PrefixError(f"Both ends of the range {part} must have the same number of digits.")
    if int(first) > int(last):
        raise PrefixError(f"The range {part} ends before it begins.")
    if int(last) - int(first) >= MAX_RANGE:
        raise PrefixError(f"The range {part} holds more than {MAX_RANGE} prefixes.")
    for value in range(int(first), int(last) + 1):
        yield str(value).zfill(len(first))
