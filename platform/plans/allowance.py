"""Arithmetic of what may be used. Pure: no Django, no clock.

An allowance is a number or unlimited. What an operator may use is a sum, plan + n x addon, so allowances add, and a
whole number multiplies them. Nought times unlimited is nothing: an addon that wasn't bought gives nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

GRACE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Allowance:
    """At most `value` of something; None is without limit."""

    value: int | None

    def __post_init__(self) -> None:
        if self.value is not None and self.value < 0:
            raise ValueError(f"An allowance can't be {self.value}.")

    def __add__(self, other: Allowance) -> Allowance:
        if self.value is None or other.value is None:
            return UNLIMITED
        return Allowance(self.value + other.value)

    def __mul__(self, times: int) -> Allowance:
        if times < 0:
            raise ValueError(f"Nobody buys {times} of an addon.")
        if times == 0:
            return NOTHING
        return UNLIMITED if self.value is None else Allowance(self.value * times)

    __rmul__ = __mul__

    def __and__(self, other: Allowance) -> Allowance:
        """The narrower of two: what two levels of a chain both allow."""
        if self.value is None:
            return other
        return self if other.value is None else Allowance(min(self.value, other.value))

    @property
    def is_unlimited(self) -> bool:
        return self.value is None

    def covers(self, used: int) -> bool:
        """May `used` of it be in use?"""
        return self.value is None or used <= self.value

    def __str__(self) -> str:
        return "unlimited" if self.value is None else str(self.value)


UNLIMITED = Allowance(None)
NOTHING = Allowance(0)


class State(IntEnum):
    """What an addon is to an operator, the weakest first: of several levels the weakest counts."""

    HIDDEN = 0
    EXPIRED = 1
    LIMITED = 2
    TRIAL = 3
    PURCHASED = 4

    @property
    def is_full(self) -> bool:
        return self in (State.TRIAL, State.PURCHASED)


def effective(states: Iterable[State]) -> State:
    """What is left of an addon when platform, parents and group all have their say."""
    return min(states, default=State.HIDDEN)


@dataclass(frozen=True, slots=True)
class Source:
    """Why an operator may, or may not, use an addon: a plan, a purchase, a trial, a gift, a group's switch.

    From `since` up to but without `until` (None: for good). LIMITED and HIDDEN narrow what the others give.
    """

    state: State
    quantity: int = 1
    since: datetime | None = None
    until: datetime | None = None

    def counts(self, now: datetime) -> bool:
        return (self.since is None or self.since <= now) and (self.until is None or now < self.until)

    def is_over(self, now: datetime) -> bool:
        return self.until is not None and self.until <= now


def state_of(sources: Sequence[Source], now: datetime, *, has_limited: bool, built: bool = True) -> State:
    """An addon's state at one level. Without any source it is limited, or hidden if it knows no limited use."""
    running = [one for one in sources if one.counts(now)]
    if not built or any(one.state is State.HIDDEN for one in running):
        return State.HIDDEN
    if not any(one.state is State.LIMITED for one in running):
        full = [one.state for one in running if one.state.is_full and one.quantity]
        if full:
            return max(full)
        if any(one.is_over(now) and one.state.is_full for one in sources):
            return State.EXPIRED
    return State.LIMITED if has_limited else State.HIDDEN


def allowance_of(
    state: State, sources: Sequence[Source], now: datetime, *, unit: Allowance, limited: Allowance
) -> Allowance:
    """How much of one thing an addon in `state` allows at one level: the sum of what was bought, else the quota."""
    if state is State.HIDDEN:
        return NOTHING
    if not state.is_full:
        return limited
    total = NOTHING
    for one in sources:
        if one.counts(now) and one.state.is_full:
            total = total + one.quantity * unit
    return total


@dataclass(frozen=True, slots=True)
class Member:
    """One thing that counts against an allowance: when it was made, whose it is, its number there."""

    made_at: datetime
    operator_id: int
    id: int


def over(members: Iterable[Member], allowed: Allowance) -> list[Member]:
    """Those beyond the allowance, the oldest ones staying within; in order of age."""
    ordered = sorted(members, key=lambda one: (one.made_at, one.operator_id, one.id))
    return [] if allowed.value is None else ordered[allowed.value :]


def suspends(since: datetime, now: datetime) -> bool:
    """Is the grace over, for somebody who has been over an allowance `since` then?"""
    return now >= since + GRACE
