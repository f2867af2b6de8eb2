"""Opening accounts and setting their limits. Moving money is `ledger.post`.

Whoever calls works for an operator (its schema is entered) or is the engine: the database refuses other books.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import connection

HOUSE = "house"
CALLS = "CALL"


def open_account(
    operator_id: int,
    kind: str,
    ref: str,
    currency: str,
    *,
    floor: Decimal | None = Decimal(0),
    party_operator_id: int | None = None,
    label: str = "",
) -> int:
    """The id of the account (operator, kind, ref, currency), opened if it isn't there. `floor` None: no limit."""
    found = _ask("ledger_open_account", operator_id, kind, ref, currency, floor, party_operator_id, label)
    return int(found)


def house_account(operator_id: int, kind: str, currency: str) -> int:
    """The operator's own account of a kind (revenue, cost, cash) in a currency: the other side of customers' moves."""
    return open_account(operator_id, kind, HOUSE, currency, floor=None, label=f"{kind} {currency}")


def set_floor(account_id: int, floor: Decimal | None) -> None:
    """How low what is posted may go; minus a credit limit, None for none."""
    _ask("ledger_set_floor", account_id, floor)


def set_call_limit(operator_id: int, ref: str, calls: int) -> int | None:
    """Let at most `calls` calls run at once under `ref`; 0 is no limit and then there is nothing to count.

    Answers the account to hold one call of, or None. Lowering a limit below what runs ends no call.
    """
    if calls == 0:
        return None
    limit = open_account(operator_id, "limit", ref, CALLS)
    capacity = open_account(operator_id, "capacity", HOUSE, CALLS, floor=None)
    with connection.cursor() as cursor:
        cursor.execute("select posted from ledger_account where id = %s", [limit])
        missing = calls - cursor.fetchone()[0]
    if missing:
        debit, credit = (capacity, limit) if missing > 0 else (limit, capacity)
        source = _ask("ledger_mint")
        _ask("ledger_post", operator_id, source, "limit", [debit], [credit], [abs(missing)], ref, False)
    return limit


def _ask(function: str, *values: Any) -> Any:
    marks = ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(f"select {function}({marks})", values)  # noqa: S608 (names are ours)
        return cursor.fetchone()[0]
