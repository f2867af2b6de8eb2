"""Playing a plan of calls through a stand, and what the providers' own message log says of each."""

from __future__ import annotations

from dataclasses import dataclass

from switch_adapters.lab.call_plan import Plan
from switch_adapters.lab.sipp import Heard, Phone, Sipp
from switch_adapters.lab.stand import Stand


@dataclass(frozen=True, slots=True)
class Played:
    """`heard` is by the number the caller dialled, from the log of the provider that answers."""

    heard: dict[str, Heard]
    phones_failed: int
    trouble: str


def register(stand: Stand, phones: list[Phone]) -> bool:
    """Every device once, by digest."""
    once = list({one.identity: one for one in phones}.values())
    return stand.phones("register.xml", once, rate=20).wait(30) == 0


def play(stand: Stand, plan: Plan, answering: Sipp, *, rate: float, seconds: float = 300, prefix: str = "") -> Played:
    """Place the calls, `rate` a second together, and wait for the last end. `prefix`: what routes add."""
    count = len(plan.talkers) + len(plan.quitters)
    runs = [
        stand.phones(scenario, list(calls), rate=max(rate * len(calls) / count, 0.1))
        for scenario, calls in (("call.xml", plan.talkers), ("cancel.xml", plan.quitters))
        if calls
    ]
    codes = [one.wait(seconds) for one in runs]
    heard = {one.number.removeprefix(prefix): one for one in answering.heard()}
    return Played(heard, sum(code != 0 for code in codes), "".join(one.trouble() for one in runs))
