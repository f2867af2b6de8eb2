"""Who calls whom for how long in the big try: mixed lengths off every increment, some who give up while it rings."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from switch_adapters.lab.independent_charge import safe_length
from switch_adapters.lab.sipp import Heard, Phone


@dataclass(frozen=True, slots=True)
class Caller:
    identity: str
    secret: str


@dataclass(frozen=True, slots=True)
class Plan:
    """`talkers` go with call.xml, `quitters` with cancel.xml; every number is called once."""

    talkers: tuple[Phone, ...]
    quitters: tuple[Phone, ...]


def plan_calls(
    callers: Sequence[Caller],
    prefixes: Sequence[str],
    count: int,
    *,
    quitting: int,
    chance: random.Random,
    shortest_ms: int = 1300,
    longest_ms: int = 12_000,
    digits: int = 12,
) -> Plan:
    """`count` calls in turn from the callers to fresh numbers below the prefixes; `quitting` of them give up."""
    numbers: dict[str, None] = {}
    while len(numbers) < count:
        prefix = prefixes[len(numbers) % len(prefixes)]
        tail = "".join(chance.choice("0123456789") for _ in range(max(digits - len(prefix), 4)))
        numbers[prefix + tail] = None
    quits = set(chance.sample(range(count), quitting))
    talkers, quitters = [], []
    for place, number in enumerate(numbers):
        caller = callers[place % len(callers)]
        if place in quits:
            quitters.append(Phone(caller.identity, caller.secret, number, chance.randint(300, 700)))
        else:
            length = safe_length(chance.randint(shortest_ms, longest_ms))
            talkers.append(Phone(caller.identity, caller.secret, number, length))
    return Plan(tuple(talkers), tuple(quitters))


def talked(heard: Heard) -> Fraction:
    """Seconds between the answer and the end as a message log tells them; 0 for a call without an answer."""
    if heard.answered_at is None or heard.ended_at is None:
        return Fraction(0)
    return Fraction(heard.ended_at - heard.answered_at, 1_000_000)


def too_near(seconds: Fraction, margin: Fraction = Fraction(1, 10)) -> bool:
    """Whether a measured length is so near a whole second that two clocks may round it differently."""
    into = seconds % 1
    return seconds > 0 and (into < margin or into > 1 - margin)
