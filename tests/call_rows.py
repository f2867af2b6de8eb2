"""Writes call rows the way the engine would, with the engine's own role, so that pages have something to show.

The rows go in by a connection of their own and are gone after the test: pages may not write them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import psycopg

from ledger.ids import id_at

_numbers = count(1)


class Rows:
    """Inserts finished and live calls, and tells the pages about live ones."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._sql = connection
        self.ids: list[int] = []

    def call(self, operator: Any, at: datetime | None = None, **columns: Any) -> int:
        """A finished call of `operator`, answered for a minute unless the columns say otherwise; its id."""
        at = at or datetime.now(UTC) - timedelta(minutes=5)
        row = {
            "id": id_at(at) + next(_numbers) % 4096, "operator_id": operator.pk, "level": 0, "customer_id": 1,
            "customer_label": "Carla Ltd", "caller": "4930123456", "called": "37061234567", "prefix": "370",
            "destination": "Lithuania mobile", "started_at": at, "answered_at": at + timedelta(seconds=4),
            "ended_at": at + timedelta(seconds=64), "talk_seconds": 60, "billed_seconds": 60, "buy_seconds": 60,
            "sell": Decimal("0.10"), "sell_currency": operator.currency, "sell_base": Decimal("0.10"),
            "buy": Decimal("0.06"), "buy_currency": operator.currency, "buy_base": Decimal("0.06"),
            "base_currency": operator.currency, "bought_from": "parent", "rate": Decimal("0.10"),
        } | columns  # fmt: skip
        self._insert("calls_call", row)
        self.ids.append(row["id"])
        return row["id"]

    def attempt(self, operator: Any, call: int, **columns: Any) -> None:
        now = datetime.now(UTC)
        row = {
            "id": call, "index": 0, "operator_id": operator.pk, "provider_id": 1, "provider_label": "Baltic Carrier",
            "number": "37061234567", "started_at": now, "ended_at": now, "sip_code": 503, "cause": 34,
        } | columns  # fmt: skip
        self._insert("calls_attempt", row)

    def live(self, operator: Any, state: str = "answered", customer_id: int = 1, **labels: Any) -> int:
        """A running call; every dashboard of the operator is told, as the engine tells them."""
        now = datetime.now(UTC)
        number = id_at(now) + next(_numbers) % 4096
        seen = {
            "customer_id": customer_id, "customer": "Carla Ltd", "device": "Desk phone", "caller": "4930123456",
            "called": "37061234567", "destination": "Lithuania mobile",
        } | labels  # fmt: skip
        row = {
            "id": number, "uuid": f"live-{number}", "node": 1, "boot": "b", "operator_id": operator.pk,
            "labels": json.dumps({str(operator.pk): seen}), "chain": "{}", "answer": "{}", "granted_seconds": 60,
            "state": state, "answered_at": now if state == "answered" else None,
            "deadline_at": now + timedelta(hours=1),
        }  # fmt: skip
        self._insert("calls_livecall", row)
        self.ids.append(number)
        self.publish(operator)
        return number

    def end(self, operator: Any, number: int) -> None:
        self._sql.execute("delete from calls_livecall where id = %s", [number])
        self.publish(operator)

    def publish(self, operator: Any) -> None:
        self._sql.execute("select calls_publish(array[%s]::bigint[])", [operator.pk])

    def clear(self) -> None:
        for table in ("calls_call", "calls_attempt", "calls_livecall"):
            self._sql.execute(f"delete from {table} where id = any(%s)", [self.ids])

    def _insert(self, table: str, row: dict[str, Any]) -> None:
        names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
        self._sql.execute(f"insert into {table} ({names}) values ({marks})", list(row.values()))


@contextmanager
def call_rows() -> Iterator[Rows]:
    from django.db import connections

    with psycopg.connect(**{
        key: value for key, value in connections["owner"].get_connection_params().items()
        if key in ("host", "port", "dbname", "user", "password")
    }, autocommit=True) as connection:  # fmt: skip
        rows = Rows(connection)
        try:
            yield rows
        finally:
            rows.clear()
