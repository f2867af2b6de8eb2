"""After a downgrade or an end: data stay, the oldest within the limit stay usable, the rest is suspended when 14 days
of grace are over. Running calls go on; the PRO flag stays. What is bought again comes back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from plans import catalogue, counting
from plans.allowance import Member, over, suspends
from plans.models import Excess
from plans.standing import standing_of
from tenants.context import in_operator
from tenants.lookup import operator_by_id
from tenants.models import Operator


def enforce(operator: Operator, now: datetime) -> dict[str, int]:
    """Look at every quota of one operator and suspend or resume what must be. How many are suspended, by key."""
    suspended: dict[str, int] = {}
    for key in catalogue.QUOTAS:
        known = counting.how(key)
        if known is not None and known.members is not None and known.suspend is not None:
            count = _enforce(operator, key, known, now)
            if count:
                suspended[key] = count
    return suspended


def _enforce(operator: Operator, key: str, known: counting.Counted, now: datetime) -> int:
    with in_operator(operator), transaction.atomic():
        excess = Excess.objects.select_for_update().filter(operator_id=operator.pk, key=key).first()
        allowed = standing_of(operator, now).levels[0].allowance(key)
        if allowed.is_unlimited and excess is None:
            return 0
        rest = [] if allowed.is_unlimited else over(counting.members(operator.pk, key), allowed)
        if not rest:
            if excess is not None:
                _each(known.resume, ((one[0], one[1]) for one in excess.suspended))
                excess.delete()
            return 0
        if excess is None:
            excess = Excess.objects.create(operator_id=operator.pk, key=key, since=now)
        if suspends(excess.since, now):
            _settle(known, excess, rest, now)
        return len(excess.suspended)


def _settle(known: counting.Counted, excess: Excess, rest: Sequence[Member], now: datetime) -> None:
    """Suspend what is over and not suspended yet; resume what is within again."""
    wanted = {(one.operator_id, one.id) for one in rest}
    there = {(one[0], one[1]) for one in excess.suspended}
    _each(known.resume, there - wanted)
    _each(known.suspend, wanted - there)
    excess.suspended = sorted(wanted)
    excess.suspended_at = excess.suspended_at or now
    excess.save()


def _each(deed: counting.Change | None, whom: Iterable[tuple[int, int]]) -> None:
    by_operator: dict[int, list[int]] = defaultdict(list)
    for operator_id, id in whom:
        by_operator[operator_id].append(id)
    if deed is None:
        return
    for operator_id, ids in sorted(by_operator.items()):
        operator = operator_by_id(operator_id)
        if operator is not None and operator.state != Operator.State.CLOSED:
            with in_operator(operator):
                deed(sorted(ids))
