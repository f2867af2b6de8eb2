"""Capacity is an account in the seller's books that holds one per call, as high as plan and addons say."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection, connections

from ledger.models import Account
from ledger.posting import LedgerError, Leg, post
from plans.capacity import capacity_of, set_capacity
from plans.grant import grant, revoke
from plans.models import Plan
from plans.subscribe import cancel, change_plan, subscribe_by_hand
from tenants.context import in_operator
from tenants.models import BookVersion


@pytest.fixture
def plans(open_house):
    with in_operator(open_house.root):
        make = {"operator_id": open_house.root.pk, "currency": "USD"}
        return [
            Plan.objects.create(name="Small", calls=2, calls_per_second=1, **make),
            Plan.objects.create(name="Big", calls=50, **make),
            Plan.objects.create(name="Endless", **make),
        ]


def free(operator):
    with in_operator(operator):
        account, rate = capacity_of(operator.pk)
        return (None if account is None else Account.objects.get(pk=account).available), rate


def version(operator):
    with in_operator(operator):
        return BookVersion.objects.get(pk=operator.pk).version


def test_without_a_plan_nothing_limits(open_house):
    assert set_capacity(open_house.acme.pk) is None
    assert free(open_house.acme) == (None, None)
    assert set_capacity(open_house.root.pk) is None


def test_the_account_follows_plan_and_addons_and_the_book_hears_of_it(open_house, plans):
    acme, (small, big, endless) = open_house.acme, plans
    subscribe_by_hand(acme, small)
    assert free(acme) == (Decimal(2), 1)
    before = version(acme)
    grant(acme, "more_calls", 3)
    assert free(acme) == (Decimal(32), 1)
    grant(acme, "more_calls_per_second", 4)
    assert free(acme) == (Decimal(32), 5)
    assert version(acme) > before
    revoke(acme, "more_calls")
    change_plan(acme, big, at_period_end=False)
    assert free(acme) == (Decimal(50), None)
    change_plan(acme, endless, at_period_end=False)
    assert free(acme) == (None, None)
    change_plan(acme, small, at_period_end=False)
    assert free(acme) == (Decimal(2), 5)


def test_the_limit_is_in_the_seller_s_books_and_its_holder_reads_but_never_widens_it(open_house, plans):
    acme = open_house.acme
    subscribe_by_hand(acme, plans[0])
    with in_operator(acme):
        account, _ = capacity_of(acme.pk)
        row = Account.objects.get(pk=account)
        assert (row.operator_id, row.party_operator_id, row.currency) == (open_house.root.pk, acme.pk, "CALL")
        own = Account.objects.filter(operator_id=acme.pk).first().pk
        with pytest.raises(LedgerError):
            post(acme.pk, 1, "limit", [Leg(own, account, Decimal(100))])
    with in_operator(open_house.beta):
        assert not Account.objects.filter(pk=account).exists()


def test_the_engine_holds_two_calls_and_no_third(open_house, plans):
    subscribe_by_hand(open_house.acme, plans[0])
    with in_operator(open_house.acme):
        account, _ = capacity_of(open_house.acme.pk)
    with connections["owner"].cursor() as cursor:
        held = []
        for call in (11, 12, 13):
            cursor.execute(
                "select ledger_hold(%s, %s::bigint[], '{1}'::numeric[], now() + interval '1 minute')", [call, [account]]
            )
            held.append(cursor.fetchone()[0])
    assert held == [True, True, False]


def test_a_lower_limit_ends_no_call_and_lets_no_new_one_in(open_house, plans):
    acme, (small, big, _) = open_house.acme, plans
    subscribe_by_hand(acme, big)
    with in_operator(acme):
        account, _ = capacity_of(acme.pk)
    hold = "select ledger_hold(%s, %s::bigint[], %s::numeric[], now() + interval '1 minute')"
    with connections["owner"].cursor() as cursor:
        cursor.execute(hold, [21, [account], [10]])
        change_plan(acme, small, at_period_end=False)
        assert free(acme)[0] == Decimal(-8)
        cursor.execute(hold, [22, [account], [1]])
        assert cursor.fetchone()[0] is False
        cursor.execute("select ledger_release(21)")
        cursor.execute(hold, [22, [account], [1]])
        assert cursor.fetchone()[0] is True
        cursor.execute("select ledger_release(22)")


def test_changes_at_the_same_time_end_at_the_right_sum(open_house, plans):
    from tests.plans.test_gate_races import all_at_once

    acme = open_house.acme
    subscribe_by_hand(acme, plans[0])
    assert all(all_at_once([lambda: grant(acme, "more_calls")] * 6))
    assert free(acme)[0] == Decimal(62)


def test_the_books_add_up_afterwards(open_house, plans):
    from ledger.invariants import violations

    subscribe_by_hand(open_house.acme, plans[0])
    grant(open_house.acme, "more_calls")
    cancel(open_house.acme)
    with connections["owner"].cursor() as cursor:
        assert violations(cursor) == []
    assert connection.schema_name == "public"
