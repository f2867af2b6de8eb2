"""Other prices and routing for some calls: conditional tariffs, and the jurisdictions of North America.

Source: rating-routing.md 5.3 and 10.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from telecom.matching import EVERYTHING, Filter
from telecom.numbermap import NumberMap

NPA_NXX = 6


class Choice(NamedTuple):
    """A tariff, an LCR (routing group), or both; None leaves what is. `is_default`: custom tariffs still come first."""

    tariff_id: int | None = None
    lcr_id: int | None = None
    why: str = ""
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class Conditional:
    """Taken when the caller id (`from_pai`: the P-Asserted-Identity) fits `caller` and the number fits `called`.

    `caller_differs` and `called_differs` turn a side around: taken when it does not fit.
    """

    id: int
    caller: Filter = EVERYTHING
    called: Filter = EVERYTHING
    caller_differs: bool = False
    called_differs: bool = False
    from_pai: bool = False
    tariff_id: int | None = None
    lcr_id: int | None = None
    name: str = ""

    def takes(self, caller: str, pai: str, called: str) -> bool:
        presented = pai if self.from_pai else caller
        return (
            self.caller.admits(presented) is not self.caller_differs
            and self.called.admits(called) is not self.called_differs
        )

    @property
    def choice(self) -> Choice:
        return Choice(self.tariff_id, self.lcr_id, f"conditional tariff {self.name or self.id}")


def first_condition(conditions: tuple[Conditional, ...], caller: str, pai: str, called: str) -> Choice | None:
    """What the first condition that takes the call chooses."""
    return next((one.choice for one in conditions if one.takes(caller, pai, called)), None)


class Reach(StrEnum):
    """Within a state, between states, or not to be told because a number is of no known state."""

    INTRA = "intra"
    INTER = "inter"
    INDETERMINATE = "indeterminate"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a call of one reach is priced and routed by; None leaves what is."""

    tariff_id: int | None = None
    lcr_id: int | None = None


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    intra: Terms = Terms()
    inter: Terms = Terms()
    indeterminate: Terms = Terms()

    def choice(self, reach: Reach) -> Choice:
        terms = {Reach.INTRA: self.intra, Reach.INTER: self.inter}.get(reach, self.indeterminate)
        why = (
            "the state of one number is not known"
            if reach is Reach.INDETERMINATE
            else f"the call is {reach.value}state"
        )
        return Choice(terms.tariff_id, terms.lcr_id, why, is_default=True)


def reach_of(caller: str, called: str, states: NumberMap | None) -> Reach:
    """The reach of a call by the NPA-NXX of both numbers (with or without +1)."""
    ours, theirs = _state(caller, states), _state(called, states)
    if not ours or not theirs:
        return Reach.INDETERMINATE
    return Reach.INTRA if ours == theirs else Reach.INTER


def _state(number: str, states: NumberMap | None) -> str:
    digits = number.removeprefix("+")
    national = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
    if states is None or len(national) != 10:
        return ""
    return states.get(national[:NPA_NXX]) or ""
