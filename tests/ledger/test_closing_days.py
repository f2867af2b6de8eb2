"""Closings: what an account had at the end of a day, and late transfers that count from the next one on."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import psycopg
import pytest

from ledger.ids import id_at


def test_closings_and_what_came_since_always_make_the_balance(bank):
    payer, cash = bank.account(), bank.account("cash", floor=None)
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=back) for back in (3, 2, 1)]

    def at(day: date, nth: int) -> int:
        return id_at(datetime(day.year, day.month, day.day, 12, tzinfo=UTC)) + nth

    def close(day: date) -> None:
        bank.ask("select ledger_close_bound(%s)", day)
        bank.ask("select ledger_close_sum(%s)", day)
        assert bank.violations() == []

    def closing(day: date) -> Decimal | None:
        return bank.ask("select posted from ledger_closing where account = %s and day = %s", payer, day)

    bank.ask("select ledger_make_partitions('ledger_transfer', %s, 2)", days[0])
    bank.post([(cash, payer, 10)], source=at(days[0], 1))
    close(days[0])
    assert closing(days[0]) == 10
    bank.post([(cash, payer, 5)], source=at(days[1], 1))
    bank.post([(cash, payer, 1)], source=at(days[0], 2))  # late: its day is closed
    assert bank.violations() == []
    close(days[1])
    assert closing(days[1]) == 16 and closing(days[0]) == 10
    bank.post([(cash, payer, 2)], source=at(days[0], 3))  # very late
    close(days[2])
    assert closing(days[2]) == 18
    close(days[2])  # again: nothing
    bank.post([(cash, payer, 4)])
    assert bank.violations() == [] and bank.balance(payer)[0] == 22
    with pytest.raises(psycopg.Error, match="before the last closed day"):
        bank.ask("select ledger_close_bound(%s)", days[0] - timedelta(days=1))


def test_a_closing_that_died_half_way_is_finished_later(bank):
    payer, cash = bank.account(), bank.account("cash", floor=None)
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    early = id_at(datetime.now(UTC) - timedelta(days=1))
    bank.ask("select ledger_make_partitions('ledger_transfer', %s, 2)", yesterday)
    bank.post([(cash, payer, 10)], source=early)
    bank.ask("select ledger_close_bound(%s)", yesterday)
    bank.post([(cash, payer, 3)], source=early + 1)  # between the halves
    assert bank.violations() == []
    assert bank.ask("select ledger_close_sum(%s)", yesterday) == 2
    assert bank.ask("select posted from ledger_closing where account = %s", payer) == 10
    assert bank.violations() == [] and bank.balance(payer)[0] == 13
