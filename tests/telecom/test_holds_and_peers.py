"""The chain of holds of rating-routing.md 8.2, and the mistakes of others of peers.md section 5."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from telecom.book import Operator, State
from telecom.decision import Call, decide
from telecom.rating import Rate, affordable_seconds, billed_seconds, charge, hold_amount
from telecom.settlement import from_snapshot, settle, snapshot
from tests.telecom.worlds import ANNA, NOW, PRO, PRO_KIND, ROOT, carriers, chain, lcr, provider, single, tariff

RATE = Rate(Decimal("0.2"))
THIRTY_MINUTES = 1800


def test_the_chain_of_holds_reproduces():
    balance, held = Decimal(8), {}

    def begin(call: int) -> int:
        seconds = affordable_seconds(balance - sum(held.values()), RATE, cap=THIRTY_MINUTES)
        if seconds:
            held[call] = hold_amount(RATE, seconds)
        return seconds

    assert begin(1) == 1800 and sum(held.values()) == 6
    assert begin(2) == 600 and sum(held.values()) == 8
    assert begin(3) == 0
    del held[1]
    balance -= charge(RATE, 720)
    assert balance == Decimal("5.6") and balance - sum(held.values()) == Decimal("3.6")
    assert affordable_seconds(Decimal("3.6"), RATE, cap=THIRTY_MINUTES) == 1080
    del held[2]
    assert balance - charge(RATE, 540) == Decimal("3.8")


def test_a_rolling_quota_ends_at_the_same_balance():
    rate, quota = Rate(Decimal("0.6")), 180
    balance = Decimal(60)
    for _ in range(6):
        balance -= charge(rate, quota)
    assert balance == Decimal("49.2")
    balance -= hold_amount(rate, quota)
    assert balance == Decimal("47.4")
    assert balance + hold_amount(rate, quota) - charge(rate, 150) == Decimal("47.7")


def test_thirty_by_eighteen_bills_31_seconds_as_48():
    assert billed_seconds(Rate(Decimal(1), min_time=30, increment=18), 31) == 48


def test_a_connection_fee_is_not_charged_for_no_talk():
    assert charge(Rate(Decimal(1), Decimal(5)), 0) == 0


def test_a_cost_in_the_thousands_of_a_currency_without_decimals_is_exact():
    assert charge(Rate(Decimal(1234), increment=60), 3600) == 74_040


def test_every_carrier_competes_at_its_own_longest_prefix_and_is_priced_by_it():
    books = single(
        tariff(1, ("1", "0.5")),
        lcr(1, 1, 2),
        provider(1, 101),
        provider(2, 102),
        tariff(101, ("1", "0.01"), ("1234", "0.20")),
        tariff(102, ("1", "0.05")),
    )
    decision = decide(books, Call(ANNA, "12345678901"), NOW)
    assert [(one.provider_id, one.cost.rate.per_minute) for one in decision.routes] == [
        (2, Decimal("0.05")),
        (1, Decimal("0.20")),
    ]


def test_a_blocked_grand_parent_refuses_the_call():
    blocked = chain(root_operator=Operator(ROOT, None, PRO_KIND, "USD", State.BLOCKED))
    assert decide(blocked, Call(ANNA, "37061234567"), NOW).cause == 202


def test_a_child_moved_in_mid_call_is_settled_by_its_old_chain():
    books = chain()
    running = snapshot(decide(books, Call(ANNA, "37061234567"), NOW))
    shop = books.book(3)
    books.put(replace(shop, operator=replace(shop.operator, parent_id=ROOT)))
    ended = settle(from_snapshot(running), 0, 0, 60_000_000)
    assert [one.operator_id for one in ended.levels] == [3, PRO]


@pytest.mark.parametrize("number", ["37061234567' or 1=1", "abc", "+370%", "370\n612"])
def test_a_number_with_anything_else_in_it_is_refused_before_any_look_up(number):
    assert decide(single(lcr(1, 1), *carriers(p1="1")), Call(ANNA, number), NOW).cause == 336
