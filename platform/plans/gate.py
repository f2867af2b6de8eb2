"""The one gate: whoever makes something that counts asks here, inside the transaction that makes it.

    with transaction.atomic():
        reserve(operator, "calling_cards.cards", len(cards))
        Card.objects.bulk_create(cards)

Used by pages, API, imports, bulk, sign-up and changes of flags alike. A batch passes whole or not at all. Of two who
want the last place exactly one gets it: both wait for the same lock, and the second counts what the first has made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connections
from django.utils.translation import gettext as _

from plans import catalogue, counting
from plans.allowance import Allowance, State, effective
from plans.catalogue import CUSTOMERS, OPERATORS, RESELLER_PRO, Addon, Quota, Scope
from plans.standing import Level, standing_of
from tenants.models import Operator

# Where an owner-role user of an operator buys.
SHOP = "/plan/"
LOCK = 7148


class OverLimit(Exception):
    """The limit is reached, or the addon isn't there. Nothing has been made.

    The text is for people of the operator who may buy: limit, use and where. `neutral` is for everybody else (visitors
    who sign up, customers): it says nothing about plans. `code` is for APIs.
    """

    def __init__(self, sentence: str, *, key: str, limit: int, used: int, code: str, buy_at: str = "") -> None:
        super().__init__(sentence)
        self.key, self.limit, self.used, self.code, self.buy_at = key, limit, used, code, buy_at
        self.neutral = _("This isn't possible at the moment. Please get in touch with us.")


def has_addon(operator: Operator | int, addon: str) -> bool:
    """Is the addon there: bought, on trial, or usable within its limited quota? Else no menu, and 404."""
    catalogue.addon(addon)
    return standing_of(operator).has_addon(addon)


def state(operator: Operator | int, addon: str) -> State:
    catalogue.addon(addon)
    return standing_of(operator).state(addon)


def allowance(operator: Operator | int, key: str) -> Allowance:
    """How many of `key` an operator could have at most."""
    return standing_of(operator).allowance(key)


def reserve(operator: Operator | int, key: str, count: int = 1, *, using: str = "default") -> None:
    """Make room for `count` more of `key` in an operator's schema. Raises OverLimit.

    Call it first in the transaction that then makes them, on the connection `using`. The operator's own limit and
    those of all above it must cover what they and all below them have.
    """
    _, quota = catalogue.quota(key)
    levels = standing_of(operator, using=using).levels
    own = levels[0].operator_id
    # What resellers have doesn't count against themselves.
    _reserve(levels[1:] if quota.scope is Scope.BELOW else levels, own, key, count, using)


def reserve_operator(parent: Operator | int, kind: str, *, using: str = "default") -> None:
    """Make room for one more operator of a kind right below `parent`. Raises OverLimit."""
    levels = standing_of(parent, using=using).levels
    if not levels[0].is_owner and not effective(level.state("multi_level") for level in levels).is_full:
        raise _absent(catalogue.addon("multi_level"), "multi_level", buyer=True)
    _reserve(levels, levels[0].operator_id, OPERATORS[kind], 1, using)


def reserve_customers(operator: Operator, count: int = 1, *, using: str = "default") -> None:
    """Make room for customers of an operator. The owner's own are never limited. Raises OverLimit."""
    if operator.kind in CUSTOMERS:
        reserve(operator, CUSTOMERS[operator.kind], count, using=using)


def reserve_pro_flag(operator: Operator, *, using: str = "default") -> None:
    """Make room for an operator that becomes a PRO: it, and the customers it has, count as a PRO's from now on."""
    assert operator.parent_id is not None
    levels = standing_of(operator.parent_id, using=using).levels
    _reserve(levels, levels[0].operator_id, OPERATORS[RESELLER_PRO], 1, using)
    users = CUSTOMERS[RESELLER_PRO]
    if any(not level.allowance(users).is_unlimited for level in levels):
        _reserve(levels, levels[0].operator_id, users, counting.own(operator.pk, users), using)


@dataclass(frozen=True)
class Use:
    """For pages: how many of how many. A look, not a promise."""

    key: str
    noun: str
    used: int
    allowed: Allowance


def use_of(operator: Operator | int, key: str) -> Use:
    """What an operator and those below it have of `key`, and what its own plan and addons allow."""
    _, quota = catalogue.quota(key)
    level = standing_of(operator).levels[0]
    return Use(key, quota.noun, counting.used(level.operator_id, key), level.allowance(key))


def _reserve(levels: Sequence[Level], buyer: int, key: str, count: int, using: str) -> None:
    if count < 0:
        raise ValueError(f"Nobody makes {count} of anything.")
    if not connections[using].in_atomic_block:
        raise RuntimeError("The gate is asked inside the transaction that makes what it is asked for.")
    addon, quota = catalogue.quota(key)
    state = effective(level.state(addon.key) for level in levels) if levels else State.PURCHASED
    if state is State.HIDDEN or state is State.EXPIRED and not addon.has_limited:
        raise _absent(addon, key, buyer=bool(levels) and levels[0].operator_id == buyer)
    # The owner first, whoever asks: two chains take their common locks in one order.
    for level in reversed(levels):
        if level.allowance(key).is_unlimited:
            continue
        _lock(using, level.operator_id, key)
        # Read again behind the lock, so that a purchase or downgrade meanwhile counts.
        allowed = standing_of(level.operator_id, using=using).levels[0].allowance(key).value
        if allowed is None:
            continue
        used = counting.used(level.operator_id, key, using, enough=allowed)
        if used + count > allowed:
            raise _over(addon, quota, key, used, allowed, count, buyer=level.operator_id == buyer)


def _lock(using: str, operator_id: int, key: str) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, %s)), current_setting('transaction_isolation')",
            [f"{operator_id} {key}", LOCK],
        )
        if cursor.fetchone()[1] != "read committed":
            # Another isolation would count what was there before it waited.
            raise RuntimeError("The gate counts rightly under READ COMMITTED only.")


def _over(addon: Addon, quota: Quota, key: str, used: int, allowed: int, count: int, *, buyer: bool) -> OverLimit:
    words = {"addon": addon.name, "used": used, "limit": allowed, "noun": quota.noun, "count": count}
    if not buyer:
        sentence = _("There is no room for more here: the operator above you has reached its limit.")
        return OverLimit(sentence, key=key, limit=allowed, used=used, code="over_limit")
    if count == 1:
        sentence = _("%(addon)s: %(used)s of %(limit)s %(noun)s are in use. Buy more under Plan and addons.") % words
    else:
        sentence = _(
            "%(addon)s: %(used)s of %(limit)s %(noun)s are in use, so %(count)s more don't fit and none was made."
            " Buy more under Plan and addons."
        )
        sentence %= words
    return OverLimit(sentence, key=key, limit=allowed, used=used, code="over_limit", buy_at=SHOP)


def _absent(addon: Addon, key: str, *, buyer: bool) -> OverLimit:
    if buyer and addon.for_sale:
        sentence = _("%(addon)s isn't part of your plan. Buy it under Plan and addons.") % {"addon": addon.name}
        return OverLimit(sentence, key=key, limit=0, used=0, code="addon_not_available", buy_at=SHOP)
    sentence = _("%(addon)s isn't available here.") % {"addon": addon.name}
    return OverLimit(sentence, key=key, limit=0, used=0, code="addon_not_available")
