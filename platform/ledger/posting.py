"""Posting what people do: top-ups, corrections. Calls are settled by the exchange.

Each deed is one database function that locks accounts in id order, so call it last in its transaction. An operator's
web process may only touch its own books; the database sees to that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, connection


class LedgerError(Exception):
    """The ledger refused; the text is one clear sentence and nothing has changed."""


class BelowFloor(LedgerError):
    """An account would fall below its limit."""


class PostedDifferently(LedgerError):
    """The same source was posted before with other content."""


ERRORS = {"TL001": BelowFloor, "TL002": PostedDifferently, "TL003": LedgerError, "TL004": LedgerError}


@dataclass(frozen=True, slots=True)
class Leg:
    """`amount` (positive, at most ten decimals) goes from account `debit` to account `credit`."""

    debit: int
    credit: int
    amount: Decimal


def new_source() -> int:
    """A fresh source for a deed. Make it when the form is made and post it with the form: twice sent, posted once."""
    # The database counts, so web processes need no number of their own.
    return int(_one("select ledger_mint()"))


def post(
    operator_id: int, source: int, kind: str, legs: Sequence[Leg], *, memo: str = "", keep_floors: bool = True
) -> bool:
    """Post transfers in an operator's books. True if posted now, False if the very same was posted before.

    Raises BelowFloor (only with `keep_floors`), PostedDifferently, or LedgerError for unknown or unlike accounts.
    """
    return bool(
        _one(
            "select ledger_post(%s, %s, %s, %s::bigint[], %s::bigint[], %s::numeric[], %s, %s)",
            operator_id, source, kind, [leg.debit for leg in legs], [leg.credit for leg in legs],
            [leg.amount for leg in legs], memo, keep_floors,
        )
    )  # fmt: skip


def hold(source: int, amounts: dict[int, Decimal], seconds: int) -> bool:
    """Hold amounts on accounts for a deed that is no call. False: one is short, nothing held. The engine's only."""
    return bool(
        _one(
            "select ledger_hold(%s, %s::bigint[], %s::numeric[], %s)",
            source, list(amounts), list(amounts.values()), datetime.now(UTC) + timedelta(seconds=seconds),
        )
    )  # fmt: skip


def release(source: int) -> int:
    """Give back what a deed that is no call holds; the number of accounts. Again: 0. The engine's only."""
    return int(_one("select ledger_release(%s)", source))


def close_day(day: date) -> int:
    """Write the closings of a day that is over; how many. May be run again after a crash. The engine's only.

    Not inside a transaction: the first half must be over before the second reads.
    """
    if connection.in_atomic_block:
        raise RuntimeError("close_day runs outside a transaction.")
    if day >= datetime.now(UTC).date():
        raise LedgerError(f"{day} is not over yet.")
    _one("select ledger_close_bound(%s)", day)
    return int(_one("select ledger_close_sum(%s)", day))


def make_partitions(months: int = 3) -> int:
    """This month's partitions and those of the months ahead; how many were missing. As tandem_owner."""
    today = datetime.now(UTC).date()
    return sum(
        int(_one("select ledger_make_partitions(%s, %s, %s)", table, today, months))
        for table in ("ledger_transfer", "calls_call", "calls_attempt")
    )


def _one(query: str, *parameters: Any) -> Any:
    try:
        with connection.cursor() as cursor:
            cursor.execute(query, parameters)
            row = cursor.fetchone()
            return row[0] if row else None
    except DatabaseError as error:
        cause = error.__cause__
        kind = ERRORS.get(getattr(cause, "sqlstate", None) or "")
        if kind is None:
            raise
        raise kind(cause.diag.message_primary) from None  # type: ignore[union-attr]
