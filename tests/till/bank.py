"""A bank for the till's tests: accounts by hand, the till's roles, and one look at everything that must hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg

from calls import invariants as calls_invariants
from exchange.till import Admission, Finished, Name, Till, call_row, transfer
from ledger import invariants as ledger_invariants
from ledger.ids import Minter

OPERATOR = 900_001
UP = 900_002  # its parent


def later(seconds: float = 300) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


@dataclass
class Bank:
    place: str

    def __post_init__(self) -> None:
        self.minter = Minter(1000)
        self.owner = psycopg.connect(f"{self.place} user=tandem_owner", autocommit=True)

    def as_role(self, role: str, operator: int | None = None) -> psycopg.Connection[Any]:
        db = psycopg.connect(f"{self.place} user=tandem_{role}", autocommit=True)
        if operator is not None:
            db.execute("select set_config('app.operator', %s, false)", [str(operator)])
        return db

    def till(self, **options: Any) -> Till:
        return Till(f"{self.place} user=tandem_engine", **options)

    def ask(self, query: str, *values: Any) -> Any:
        row = self.owner.execute(query, values).fetchone()
        return row[0] if row else None

    def account(
        self,
        kind: str = "customer",
        ref: str = "",
        floor: Any = 0,
        money: Any = 0,
        currency: str = "EUR",
        operator: int = OPERATOR,
        party: int | None = None,
    ) -> int:
        made = self.ask(
            "select ledger_open_account(%s, %s, %s, %s, %s::numeric, %s::bigint, '')",
            operator,
            kind,
            ref,
            currency,
            floor,
            party,
        )
        if money:
            cash = self.account("cash", "", None, currency=currency, operator=operator)
            self.post([(cash, made, money)], operator=operator)
        return made

    def post(
        self, legs: list[tuple[int, int, Any]], *, operator: int = OPERATOR, source: int | None = None, **more: Any
    ) -> bool:
        return self.ask(
            "select ledger_post(%s, %s, %s, %s::bigint[], %s::bigint[], %s::numeric[], %s, %s)",
            operator,
            source or self.minter.mint(),
            more.get("kind", "top-up"),
            [one[0] for one in legs],
            [one[1] for one in legs],
            [Decimal(one[2]) for one in legs],
            more.get("memo", ""),
            more.get("keep_floors", False),
        )

    def balance(self, account: int) -> tuple[Decimal, Decimal]:
        row = self.owner.execute("select posted, held from ledger_account where id = %s", [account]).fetchone()
        assert row
        return row

    def violations(self) -> list[str]:
        cursor = self.owner.cursor()
        return ledger_invariants.violations(cursor) + calls_invariants.violations(cursor)


def admission(call_id: int, uuid: str, holds: dict[int, Any], granted: int = 60) -> Admission:
    return Admission(
        call_id,
        Name(1, "boot", uuid),
        OPERATOR,
        {str(OPERATOR): {"called": "370"}},
        {"v": 1},
        {"call_id": call_id},
        granted,
        later(),
        {account: Decimal(amount) for account, amount in holds.items()},
    )


def finished(call_id: int, payer: int, revenue: int, amount: Any, fingerprint: int = 1, **more: Any) -> Finished:
    """One level, one charge."""
    amount = Decimal(amount)
    now = datetime.now(UTC)
    row = call_row(
        call_id,
        OPERATOR,
        0,
        uuid=more.pop("uuid", ""),
        node=1,
        started_at=now,
        answered_at=now,
        ended_at=now,
        sell=amount,
        sell_currency="EUR",
        estimated=more.pop("estimated", False),
    )
    moves = [transfer(call_id, 0, payer, revenue, amount)] if amount else []
    return Finished(call_id, fingerprint, [row], (), moves, **more)
