"""Which numbers a call may go to: lists, classes of calls, opened destinations, and scores.

Source: rating-routing.md 2 (step 9), 13 and 17 for the causes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from telecom import causes
from telecom.pools import Pool
from telecom.prefixes import longest


class Side(StrEnum):
    CALLER = "caller"
    CALLED = "called"


class Stop(NamedTuple):
    """Why a call may not go there."""

    cause: int
    sentence: str


@dataclass(frozen=True, slots=True)
class NumberList:
    """A pool as a list: black stops what is on it, white what is not. `cause` 0: by where it stands."""

    pool_id: int
    side: Side
    white: bool = False
    cause: int = 0

    def stop(self, pools: Mapping[int, Pool], number: str, causes_here: ListCauses) -> Stop | None:
        pool = pools.get(self.pool_id)
        if pool is None:
            return Stop(causes.TEMPORARY_FAILURE, "A list of numbers is gone.") if self.white else None
        entry = pool.entry_of(number)
        if (entry is not None) is self.white:
            return None
        cause = self.cause or causes_here.of(self)
        name = pool.name or f"list {pool.id}"
        if self.white:
            return Stop(cause, f"The {self.side.value} number {number or '(none)'} is not on the whitelist {name}.")
        return Stop(cause, f"The {self.side.value} number is on the blacklist {name}, by {entry}.")


class ListCauses(NamedTuple):
    """The causes of one place: (caller black, caller white, called black, called white)."""

    caller_black: int
    caller_white: int
    called_black: int
    called_white: int

    def of(self, one: NumberList) -> int:
        return self[(2 if one.side is Side.CALLED else 0) + (1 if one.white else 0)]


GLOBAL_LISTS = ListCauses(277, 278, 279, 280)
PAYER_LISTS = ListCauses(334, 335, 325, 326)
DID_LISTS = ListCauses(283, 283, 283, 283)
PROVIDER_LISTS = ListCauses(282, 282, 282, 282)


def first_stop(
    lists: tuple[NumberList, ...], pools: Mapping[int, Pool], caller: str, called: str, causes_here: ListCauses
) -> Stop | None:
    """The first list that stops a call."""
    for one in lists:
        found = one.stop(pools, caller if one.side is Side.CALLER else called, causes_here)
        if found is not None:
            return found
    return None


@dataclass(frozen=True)
class Destinations:
    """Which prefixes an operator has opened or closed; the longest that fits decides, and what fits none is closed."""

    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()

    @cached_property
    def _known(self) -> dict[str, bool]:
        return {**dict.fromkeys(self.opened, True), **dict.fromkeys(self.closed, False)}

    def stop(self, number: str) -> Stop | None:
        prefix = longest(self._known, number)
        if prefix is None:
            return Stop(causes.NOT_WHITELISTED, f"No destination of {number} has been opened.")
        if not self._known[prefix]:
            return Stop(causes.BLACKLISTED, f"The destination {prefix} is closed.")
        return None


class CallClass(StrEnum):
    LOCAL = "local"
    NATIONAL = "national"
    INTERNATIONAL = "international"
    PREMIUM = "premium"


@dataclass(frozen=True)
class Numbering:
    """How an operator's numbers are classed: prefixes in E.164. The longest that fits decides; none: international."""

    local: tuple[str, ...] = ()
    national: tuple[str, ...] = ()
    premium: tuple[str, ...] = ()

    @cached_property
    def _known(self) -> dict[str, CallClass]:
        return {
            **dict.fromkeys(self.national, CallClass.NATIONAL),
            **dict.fromkeys(self.local, CallClass.LOCAL),
            **dict.fromkeys(self.premium, CallClass.PREMIUM),
        }

    def class_of(self, number: str) -> CallClass:
        prefix = longest(self._known, number)
        return CallClass.INTERNATIONAL if prefix is None else self._known[prefix]


def class_stop(numbering: Numbering, number: str, *allowed: tuple[CallClass, ...]) -> Stop | None:
    """Whether every one of `allowed` (of the customer, of the device) holds the number's class; empty = all classes."""
    found = numbering.class_of(number)
    if any(classes and found not in classes for classes in allowed):
        return Stop(causes.NOT_ALLOWED, f"Calls of the class {found.value} are not allowed here.")
    return None


@dataclass(frozen=True, slots=True)
class Score:
    """Dynamic blacklist: the sum of the scores of called number, caller id and address, against three thresholds.

    A threshold of 0 is off; reaching one is enough. `lcr_ids` belong to the thresholds; 0 in it refuses the call.
    """

    thresholds: tuple[int, ...] = (0, 0, 0)
    lcr_ids: tuple[int, ...] = (0, 0, 0)
    default_called: int = 0
    default_caller: int = 0
    default_address: int = 0

    def total(self, scores: Mapping[tuple[int, str, str], int], operator: int, call: tuple[str, str, str]) -> int:
        """`call` is (called, caller id, address)."""
        defaults = (self.default_called, self.default_caller, self.default_address)
        return sum(
            scores.get((operator, kind, value), default)
            for kind, value, default in zip(("called", "caller", "address"), call, defaults, strict=True)
        )

    def level(self, total: int) -> int:
        """How many of the thresholds are reached: 0 to 3."""
        reached = [place for place, one in enumerate(self.thresholds, 1) if one and total >= one]
        return reached[-1] if reached else 0


def score_problem(score: Score) -> str:
    """Why the thresholds can't be used; empty when they can."""
    set_ones = [one for one in score.thresholds if one]
    if set_ones != sorted(set(set_ones)) or any(one < 0 for one in set_ones):
        return "The thresholds must rise from the first to the last; 0 switches one off."
    return ""


def is_duplicate(last: int | None, now: int, seconds: int) -> bool:
    """Whether a call that began at `last` (microseconds) makes the same one at `now` a duplicate."""
    return last is not None and 0 < seconds and now - last < seconds * 1_000_000


LONGEST_EMERGENCY = 8


@dataclass(frozen=True, slots=True)
class Emergency:
    """Numbers that are dialled in need: no rule, price, balance, limit or block stands before them.

    They have at most LONGEST_EMERGENCY digits; `provider_ids` carry them, in this order.
    """

    numbers: tuple[str, ...] = ()
    provider_ids: tuple[int, ...] = ()


def emergency_problem(emergency: Emergency) -> str:
    """Why the emergency numbers can't be used; empty when they can."""
    for one in emergency.numbers:
        if not (one.isascii() and one.isdigit() and len(one) <= LONGEST_EMERGENCY):
            return f"An emergency number has 1 to {LONGEST_EMERGENCY} digits as they are dialled, not {one[:40]!r}."
    if emergency.numbers and not emergency.provider_ids:
        return "Emergency numbers need a provider that carries them."
    return ""
