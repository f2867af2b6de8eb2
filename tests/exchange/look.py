"""Looking at what the database says, as its owner."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
from django.db import connections

from calls import invariants as calls_invariants
from ledger import invariants as ledger_invariants
from tests.base_database import server


def rows(query: str, *values: Any) -> list[tuple]:
    connections["owner"].set_schema_to_public()
    with connections["owner"].cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall() if cursor.description else []


def as_superuser(query: str) -> list[tuple]:
    with psycopg.connect(**server().dsn, dbname=os.environ["TANDEM_DB_NAME"], autocommit=True) as connection:
        return connection.execute(query).fetchall()


def balance(account_id: int) -> Decimal:
    return rows("select posted from ledger_account where id = %s", account_id)[0][0]


def held(account_id: int) -> Decimal:
    return rows("select held from ledger_account where id = %s", account_id)[0][0]


def violations() -> list[str]:
    """Everything that is wrong, with holds and live calls that nobody ended."""
    connections["owner"].set_schema_to_public()
    with connections["owner"].cursor() as cursor:
        found = ledger_invariants.violations(cursor) + calls_invariants.violations(cursor)
        cursor.execute("select format('Live call %s (%s) was left.', id, uuid) from calls_livecall")
        found += [one for (one,) in cursor.fetchall()]
        cursor.execute("select format('Call %s holds %s of account %s.', source, amount, account) from ledger_hold")
        return found + [one for (one,) in cursor.fetchall()]


def eventually(check: Callable[[], Any], seconds: float = 10.0) -> Any:
    ends = time.monotonic() + seconds
    while not (found := check()) and time.monotonic() < ends:
        time.sleep(0.05)
    return found


def books_are_current() -> None:
    """Wait until every operator's newest book has its file, and a moment for the exchange to map it."""
    ((database,),) = rows("select oid::text from pg_database where datname = current_database()")
    folder = Path(os.environ["TANDEM_DATA"]) / "books" / os.environ["TANDEM_DB_NAME"] / database

    def current() -> bool:
        wanted = rows("select operator_id, version from tenants_bookversion")
        return all((folder / f"op_{operator}.{version}.book").exists() for operator, version in wanted)

    assert eventually(current), "a book was not built"
    time.sleep(0.15)


def ago(uuid: str, seconds: int) -> None:
    """Let a live call have been seen for the last time so long ago."""
    rows("update calls_livecall set last_seen_at = now() - make_interval(secs => %s) where uuid = %s", seconds, uuid)


def set_balance(account_id: int, amount: str) -> None:
    """Post whatever it takes, from or to cash."""
    ((operator, currency, posted),) = rows(
        "select operator_id, currency, posted from ledger_account where id = %s", account_id
    )
    missing = Decimal(amount) - posted
    if missing:
        ((cash,),) = rows("select ledger_open_account(%s, 'cash', 'house', %s, null, null, 'cash')", operator, currency)
        debit, credit = (cash, account_id) if missing > 0 else (account_id, cash)
        rows(
            "select ledger_post(%s, ledger_mint(), 'correction', array[%s]::bigint[], array[%s]::bigint[],"
            " array[%s]::numeric[], 'test', false)",
            operator, debit, credit, abs(missing),
        )  # fmt: skip
