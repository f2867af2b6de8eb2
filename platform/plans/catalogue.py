"""What can be bought, as code: every addon, its limited quotas, and whether its room is built yet.

An addon that isn't built is hidden everywhere: no menu, 404, not for sale. Its quota keys exist all the same, and the
room that comes later calls the gate with them and sets `built`. Quotas are those of MOR's limited addons.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from plans.allowance import NOTHING, UNLIMITED, Allowance

SIMULTANEOUS_CALLS = "calls"
CALLS_PER_SECOND = "calls_per_second"
RESELLER, RESELLER_PRO = "reseller", "reseller_pro"


class Scope(Enum):
    """WHOLE counts an operator and all below it; BELOW only what operators below it have."""

    WHOLE = "whole"
    BELOW = "below"


@dataclass(frozen=True)
class Quota:
    """One thing that is counted. `noun` follows a number: "10 of 10 cards". `kinds`: of which operators (none: all)."""

    key: str
    noun: str
    limited: int
    unit: Allowance = UNLIMITED
    scope: Scope = Scope.WHOLE
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Addon:
    """`quotas` by key; an addon with any limited quota works without being bought, within them.

    `adds` is what one of it adds to a plan's capacity. `price_key` is its look-up key at Stripe.
    """

    key: str
    name: str
    quotas: Mapping[str, Quota] = field(default_factory=dict)
    built: bool = False
    adds: Mapping[str, Allowance] = field(default_factory=dict)

    @property
    def has_limited(self) -> bool:
        return any(one.limited for one in self.quotas.values())

    @property
    def price_key(self) -> str:
        return f"addon_{self.key}"

    @property
    def for_sale(self) -> bool:
        return self.built


def _addon(key: str, name: str, *quotas: Quota, built: bool = False, **adds: int) -> Addon:
    return Addon(
        key, name, {f"{key}.{one.key}": one for one in quotas}, built, {name: Allowance(n) for name, n in adds.items()}
    )


ADDONS: Mapping[str, Addon] = {
    one.key: one
    for one in (
        _addon(
            "call_shop", "Call Shop",
            Quota("shops", "call shops", 1), Quota("booths", "booths", 1), Quota("managers", "managers", 1),
        ),
        # The callback API does not work at all in limited use.
        _addon(
            "callback", "Callback",
            Quota("dial_plans", "callback dial plans", 1), Quota("dids", "callback DIDs", 1),
            Quota("api", "API calls", 0),
        ),
        _addon("calling_cards", "Calling Cards", Quota("groups", "card groups", 1), Quota("cards", "cards", 10)),
        _addon("monitorings", "Monitorings", Quota("alerts", "alerts", 5)),
        # One a local day for the owner; a reseller's own gateways only when bought.
        _addon("payment_gateway", "Payment Gateway", Quota("payments_a_day", "payments a day", 1)),
        # Limited call flows go to voicemail or nowhere: `flow_targets` and `forwards` count the others.
        _addon(
            "pbx_functions", "PBX Functions",
            Quota("queues", "queues", 1), Quota("music", "music on hold", 1), Quota("ring_groups", "ring groups", 1),
            Quota("phonebooks", "phonebooks", 1), Quota("flow_targets", "call flow targets", 0),
            Quota("forwards", "forwards to a number", 0),
        ),
        _addon(
            RESELLER, "Reseller",
            Quota("resellers", "resellers", 1, scope=Scope.BELOW, kinds=(RESELLER,)),
            Quota("users", "resellers' customers", 2, scope=Scope.BELOW, kinds=(RESELLER,)),
            built=True,
        ),
        _addon(
            RESELLER_PRO, "Reseller PRO",
            Quota("pros", "Reseller PROs", 1, scope=Scope.BELOW, kinds=(RESELLER_PRO,)),
            Quota("users", "Reseller PROs' customers", 2, scope=Scope.BELOW, kinds=(RESELLER_PRO,)),
            built=True,
        ),
        # Operators below operators, to any depth.
        _addon("multi_level", "Multi-Level Resellers", built=True),
        _addon("auto_dialer", "Auto-Dialer"),
        _addon("recordings", "Recordings"),
        _addon("mnp", "Mobile Number Portability"),
        _addon("tariff_import", "Automatic Tariff Import"),
        _addon("sms", "SMS"),
        _addon("more_calls", "10 more simultaneous calls", built=True, calls=10),
        _addon("more_calls_per_second", "1 more call per second", built=True, calls_per_second=1),
    )
}  # fmt: skip
QUOTAS: Mapping[str, tuple[Addon, Quota]] = {
    key: (addon, quota) for addon in ADDONS.values() for key, quota in addon.quotas.items()
}
# Which quota a new operator, and a new customer of an operator, counts against; the owner's own count nowhere.
OPERATORS: Mapping[str, str] = {RESELLER: "reseller.resellers", RESELLER_PRO: "reseller_pro.pros"}
CUSTOMERS: Mapping[str, str] = {RESELLER: "reseller.users", RESELLER_PRO: "reseller_pro.users"}


def addon(key: str) -> Addon:
    """Raises LookupError for a key that is in no catalogue: a wrong key is a bug, never a limit."""
    if key not in ADDONS:
        raise LookupError(f"There is no addon {key!r}.")
    return ADDONS[key]


def quota(key: str) -> tuple[Addon, Quota]:
    """The addon a quota key belongs to, and the quota. Raises LookupError."""
    if key not in QUOTAS:
        raise LookupError(f"There is no quota {key!r}.")
    return QUOTAS[key]


def capacity(bought: Mapping[str, int], plan: Mapping[str, Allowance]) -> dict[str, Allowance]:
    """Simultaneous calls and calls per second: the plan's, and what `bought` ({addon: how many}) adds."""
    total = dict(plan)
    for key, times in bought.items():
        for name, unit in addon(key).adds.items():
            total[name] = total.get(name, NOTHING) + times * unit
    return total
