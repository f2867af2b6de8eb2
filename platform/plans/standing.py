"""How an operator stands: what it has of every addon, with what all operators above it have. One query, never cached
beyond the question, so whatever is bought counts at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connections
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from plans import catalogue
from plans.allowance import UNLIMITED, Allowance, Source, State, allowance_of, effective, state_of
from plans.catalogue import CALLS_PER_SECOND, SIMULTANEOUS_CALLS
from plans.models import Subscription
from tenants.models import Operator


@dataclass(frozen=True)
class Level:
    """One operator of a chain. `sources` are all reasons by addon; `plan` is its running plan's row, or None."""

    operator_id: int
    is_owner: bool
    sources: Mapping[str, tuple[Source, ...]]
    plan: Mapping[str, Any] | None
    now: datetime

    def state(self, addon: str) -> State:
        known = catalogue.addon(addon)
        found = self.sources.get(addon, ())
        if self.is_owner and not found:
            # The platform is the owner's: it has everything, unless a row says otherwise.
            return State.PURCHASED if known.built else State.HIDDEN
        return state_of(found, self.now, has_limited=known.has_limited, built=known.built)

    def allowance(self, key: str) -> Allowance:
        addon, quota = catalogue.quota(key)
        state = self.state(addon.key)
        found = self.sources.get(addon.key, ())
        if self.is_owner and state is State.PURCHASED and not found:
            return UNLIMITED
        return allowance_of(state, found, self.now, unit=quota.unit, limited=Allowance(quota.limited))

    def capacity(self) -> dict[str, Allowance]:
        """Simultaneous calls and calls per second that plan and addons allow. Without a plan nothing limits them."""
        if self.plan is None:
            return {SIMULTANEOUS_CALLS: UNLIMITED, CALLS_PER_SECOND: UNLIMITED}
        plan = {name: Allowance(self.plan[name]) for name in (SIMULTANEOUS_CALLS, CALLS_PER_SECOND)}
        bought = {
            key: sum(one.quantity for one in found if one.counts(self.now) and one.state is State.PURCHASED)
            for key, found in self.sources.items()
        }
        return catalogue.capacity(bought, plan)


@dataclass(frozen=True)
class Standing:
    """The levels of a chain, the operator itself first and the owner last."""

    levels: tuple[Level, ...]

    def state(self, addon: str) -> State:
        """What the addon is here: platform, every parent and the group all have their say."""
        return effective(level.state(addon) for level in self.levels)

    def has_addon(self, addon: str) -> bool:
        """Is it there at all: bought, tried, or to be used within its limited quota?"""
        state = self.state(addon)
        return state is not State.HIDDEN and (state is not State.EXPIRED or catalogue.addon(addon).has_limited)

    def allowance(self, key: str) -> Allowance:
        """The most that any use of `key` could come to: the narrowest of all levels."""
        total = UNLIMITED
        for level in self.levels:
            total = total & level.allowance(key)
        return total


def standing_of(operator: Operator | int, now: datetime | None = None, using: str = "default") -> Standing:
    """How an operator stands. Ask as that operator, as one above or below it, or as the owner role.

    Raises LookupError when there is no such operator.
    """
    operator_id = operator if isinstance(operator, int) else operator.pk
    with connections[using].cursor() as cursor:
        cursor.execute("select plans_standing(%s)::text", [operator_id])
        found = cursor.fetchone()[0]
    if found is None:
        raise LookupError(f"There is no operator {operator_id}.")
    at = now or timezone.now()
    return Standing(tuple(_level(row, at) for row in json.loads(found)))


def _level(row: dict[str, Any], now: datetime) -> Level:
    sources: dict[str, list[Source]] = {}
    running = _subscribed(row, sources)
    for one in row["entitlements"]:
        state = State[one["state"].upper()]
        until = _moment(one["until"])
        if one["source"] == "stripe" and not running:
            # What was bought with a plan ends with it.
            until = now
        given = Source(state, one["quantity"], _moment(one["since"]), until)
        sources.setdefault(one["addon"], []).append(given)
    return Level(
        operator_id=row["id"],
        is_owner=row["kind"] == Operator.Kind.OWNER,
        sources={key: tuple(found) for key, found in sources.items()},
        plan=row["plan"] if running else None,
        now=now,
    )


def _subscribed(row: dict[str, Any], sources: dict[str, list[Source]]) -> bool:
    """Note what the plan, or the trial, gives. Is the subscription running?"""
    subscription, plan = row["subscription"], row["plan"]
    if subscription is None:
        return False
    running = subscription["state"] in Subscription.RUNNING
    trial_end = _moment(subscription["trial_ends_at"])
    if trial_end is not None:
        # Everything is on trial: also afterwards, as what has expired.
        for addon in catalogue.ADDONS.values():
            if addon.built and not addon.adds:
                sources.setdefault(addon.key, []).append(Source(State.TRIAL, until=trial_end))
    if running and subscription["state"] != Subscription.State.TRIAL:
        included = dict(plan["includes"])
        if plan["operators_below"]:
            included = {"multi_level": 1, catalogue.RESELLER: 1, catalogue.RESELLER_PRO: 1} | included
        for key, quantity in included.items():
            sources.setdefault(key, []).append(Source(State.PURCHASED, quantity))
    return running


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_datetime(text)
