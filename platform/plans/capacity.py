"""Capacity: how many calls at once, and a second, an operator and all below it may have.

Simultaneous calls are an account in the unit CALL in the seller's books, so the operator can't widen it. The call
engine holds one call on the account of the caller's operator and of everybody above it, whichever way the call goes;
it finds the account in the operator's book (`Capacity.account_id`, None: no limit).
"""

from __future__ import annotations

from django.db import connection, transaction

from ledger.accounts import CALLS, HOUSE, open_account
from ledger.posting import Leg, new_source, post
from plans.catalogue import CALLS_PER_SECOND, SIMULTANEOUS_CALLS
from plans.models import Capacity
from plans.standing import standing_of
from tenants.context import in_operator
from tenants.lookup import operator_by_id


def capacity_of(operator_id: int) -> tuple[int | None, int | None]:
    """(the account to hold one call of, calls per second) of an operator; None is no limit. For compile_book."""
    found = Capacity.objects.filter(pk=operator_id).values_list("account_id", "calls_per_second").first()
    return found or (None, None)


def set_capacity(operator_id: int) -> Capacity | None:
    """Bring an operator's capacity in line with its plan and addons; call it last after either has changed.

    None for the owner and for whom nothing has ever limited. What runs already goes on, whatever the new limit.
    """
    operator = operator_by_id(operator_id)
    if operator is None:
        raise LookupError(f"There is no operator {operator_id}.")
    seller = operator_by_id(operator.parent_id) if operator.parent_id else None
    if seller is None:
        return None
    with in_operator(seller), transaction.atomic():
        allowed = standing_of(operator_id).levels[0].capacity()
        free = all(one.is_unlimited for one in allowed.values())
        if free and not Capacity.objects.filter(pk=operator_id).exists():
            return None
        # One at a time for an operator, so that two changes don't both add the difference.
        Capacity.objects.get_or_create(pk=operator_id, defaults={"seller_id": seller.pk})
        row = Capacity.objects.select_for_update().get(pk=operator_id)
        allowed = standing_of(operator_id).levels[0].capacity()
        calls, rate = allowed[SIMULTANEOUS_CALLS].value, allowed[CALLS_PER_SECOND].value
        account = _account(seller.pk, operator_id)
        row.calls, row.calls_per_second = calls, rate
        row.account_id = None if calls is None else account
        row.save()
        if calls is not None:
            _fill(seller.pk, account, calls)
        return row


def _account(seller_id: int, operator_id: int) -> int:
    return open_account(seller_id, "limit", f"operator:{operator_id}", CALLS, party_operator_id=operator_id)


def _fill(seller_id: int, account: int, calls: int) -> None:
    source = open_account(seller_id, "capacity", HOUSE, CALLS, floor=None)
    with connection.cursor() as cursor:
        cursor.execute("select posted from ledger_account where id = %s", [account])
        missing = calls - cursor.fetchone()[0]
    if missing:
        debit, credit = (source, account) if missing > 0 else (account, source)
        post(seller_id, new_source(), "limit", [Leg(debit, credit, abs(missing))], keep_floors=False)
