"""What simulated people and simulated providers do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Behaviour(StrEnum):
    ANSWERS = "answers"
    RINGS = "rings"
    BUSY = "busy"
    FAILS = "fails"
    DEAD = "dead"


# The SIP code and the Q.850 cause with which each failing provider ends an attempt.
FINAL = {Behaviour.BUSY: (486, 17), Behaviour.FAILS: (503, 34), Behaviour.DEAD: (0, 18)}


@dataclass(frozen=True, slots=True)
class Carrier:
    """A provider's way. `after_seconds`: until it answers, refuses, or is given up as dead."""

    behaviour: Behaviour = Behaviour.ANSWERS
    after_seconds: float = 0.4


@dataclass(frozen=True, slots=True)
class Scenario:
    """One call. `talk_seconds` None: until the switch ends it. `patience_seconds`: how long the caller lets it ring."""

    identity: str
    called: str
    caller: str = ""
    talk_seconds: float | None = 5.0
    patience_seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the caller's phone saw: 200 for an answered call, else the final code. `talked_seconds` since the answer."""

    uuid: str
    sip_code: int
    talked_seconds: float = 0.0
    ended_by: str = ""
