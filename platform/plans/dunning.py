"""What time does to a subscription. Pure: the row's facts and `now` in, the next state out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

DUNNING = timedelta(days=14)
TRIAL, ACTIVE, PAST_DUE, SUSPENDED, CANCELLED = "trial", "active", "past_due", "suspended", "cancelled"


@dataclass(frozen=True, slots=True)
class Facts:
    """`paid_until` is the end of the period by hand; None if Stripe, or nobody, keeps the time."""

    state: str
    trial_ends_at: datetime | None = None
    past_due_at: datetime | None = None
    paid_until: datetime | None = None
    ends_with_period: bool = False


def next_state(facts: Facts, now: datetime) -> str:
    """Where a subscription stands at `now`. A trial that isn't bought suspends; nothing comes back by itself."""
    if facts.state == TRIAL and facts.trial_ends_at is not None and facts.trial_ends_at <= now:
        return SUSPENDED
    if facts.state in (ACTIVE, PAST_DUE) and facts.paid_until is not None and facts.paid_until <= now:
        if facts.ends_with_period:
            return CANCELLED
        since = facts.past_due_at or facts.paid_until
        return SUSPENDED if since + DUNNING <= now else PAST_DUE
    if facts.state == PAST_DUE and facts.past_due_at is not None and facts.past_due_at + DUNNING <= now:
        return SUSPENDED
    return facts.state
