"""The gate: limited quotas hold at every level of the chain, a batch passes whole or not at all, purchases count at
once. E15 to E18 are the worked examples of the resellers' dossier."""

from __future__ import annotations

import pytest
from django.db import connections, transaction
from psycopg import IsolationLevel

from opening.open_operator import Wish, open_operator
from plans import gate
from plans.allowance import UNLIMITED, Allowance, State
from plans.gate import OverLimit, reserve, reserve_customers, reserve_operator, reserve_pro_flag
from plans.grant import NotSold, forbid, grant, revoke
from plans.models import Entitlement, Plan
from plans.standing import standing_of
from plans.subscribe import subscribe_by_hand
from portal.people.create_customer import create_customer
from portal.people.models import Customer
from tenants.context import in_operator
from tenants.models import Operator


def limit(operator, *addons):
    for addon in addons:
        grant(operator, addon, state=Entitlement.State.LIMITED)


def asked(question, operator, key):
    """A question of the gate's, as the operator's own pages ask it."""
    with in_operator(operator):
        return question(operator, key)


def has_addon(operator, key):
    return asked(gate.has_addon, operator, key)


def state(operator, key):
    return asked(gate.state, operator, key)


def add_customers(operator, names):
    """As an import does: all through the gate first, then all of them."""
    with in_operator(operator), transaction.atomic():
        reserve_customers(operator, len(names))
        for name in names:
            create_customer(Customer(name=name, currency=operator.currency))


def customers_of(operator):
    with in_operator(operator):
        return Customer.objects.filter(operator_id__isnull=True).count()


def test_e15_a_second_pro_is_refused_when_reseller_pro_is_limited(house, rooms):
    limit(house.root, "reseller_pro")
    with in_operator(house.root), transaction.atomic(), pytest.raises(OverLimit) as refused:
        reserve_pro_flag(house.acme)
    assert str(refused.value) == ("Reseller PRO: 1 of 1 Reseller PROs are in use. Buy more under Plan and addons.")
    assert (refused.value.limit, refused.value.used, refused.value.buy_at) == (1, 1, "/plan/")


def test_e15_a_simple_reseller_and_a_pro_fit_into_both_limited_addons(open_house, rooms):
    root = open_house.root
    limit(root, "reseller", "reseller_pro")
    with transaction.atomic(using="owner"), pytest.raises(OverLimit):
        reserve_operator(root.pk, Operator.Kind.RESELLER, using="owner")
    Operator.objects.using("owner").filter(pk=open_house.acme.pk).update(state="closed")
    with transaction.atomic(using="owner"):
        reserve_operator(root.pk, Operator.Kind.RESELLER, using="owner")


def test_a_pro_flag_counts_the_customers_that_come_with_it(house, rooms):
    limit(house.root, "reseller_pro")
    add_customers(house.acme, ["One", "Two"])
    with in_operator(house.root), transaction.atomic(), pytest.raises(OverLimit) as refused:
        reserve(house.beta, "reseller_pro.users", 2)
    assert refused.value.used == 1


def test_e16_an_import_of_five_is_refused_whole_at_two_of_two(house, rooms):
    limit(house.root, "reseller")
    add_customers(house.acme, ["Second"])
    assert customers_of(house.acme) == 2
    with pytest.raises(OverLimit) as refused:
        add_customers(house.acme, [f"Imported {n}" for n in range(5)])
    assert customers_of(house.acme) == 2
    assert (refused.value.used, refused.value.limit) == (2, 2)


def test_e16_the_reseller_s_people_and_visitors_hear_nothing_of_the_owner_s_plan(house, rooms):
    limit(house.root, "reseller")
    with pytest.raises(OverLimit) as refused:
        add_customers(house.acme, ["Second", "Third"])
    assert str(refused.value) == "There is no room for more here: the operator above you has reached its limit."
    assert refused.value.buy_at == ""
    assert "limit" not in refused.value.neutral and "plan" not in refused.value.neutral


def test_e18_what_is_bought_counts_at_once_without_a_new_login(house, rooms):
    limit(house.root, "reseller")
    five = [f"Imported {n}" for n in range(5)]
    add_customers(house.acme, ["Second"])
    with pytest.raises(OverLimit):
        add_customers(house.acme, five)
    revoke(house.root, "reseller")
    grant(house.root, "reseller")
    add_customers(house.acme, five)
    assert customers_of(house.acme) == 7


def test_the_owner_s_own_customers_and_those_of_another_kind_are_never_counted(house, rooms):
    limit(house.root, "reseller", "reseller_pro")
    add_customers(house.root, [f"Own {n}" for n in range(10)])
    add_customers(house.acme, ["Second"])
    add_customers(house.beta, ["Another"])
    with pytest.raises(OverLimit):
        add_customers(house.beta, ["Third of PROs"])


def test_e17_eight_of_ten_cards_leave_no_room_for_five(house, cards):
    cards.make(house.acme, 8)
    with pytest.raises(OverLimit) as refused:
        cards.make(house.acme, 5)
    assert cards.count(house.acme) == 8, "not two of the five either"
    assert str(refused.value) == (
        "Calling Cards: 8 of 10 cards are in use, so 5 more don't fit and none was made."
        " Buy more under Plan and addons."
    )
    cards.make(house.acme, 2)


def test_each_operator_has_its_own_quota_and_the_platform_s_counts_all(house, cards):
    cards.make(house.acme, 10)
    cards.make(house.beta, 10)
    assert asked(gate.allowance, house.root, "calling_cards.cards") == UNLIMITED
    grant(house.acme, "calling_cards")
    cards.make(house.acme, 100)
    grant(house.root, "calling_cards", state=Entitlement.State.LIMITED)
    with pytest.raises(OverLimit):
        cards.make(house.root, 1)
    with pytest.raises(OverLimit, match="the operator above you"):
        cards.make(house.acme, 1)


def test_an_addon_whose_room_is_not_built_is_hidden_and_not_for_sale(house, rooms):
    assert state(house.root, "calling_cards") is State.HIDDEN
    assert not has_addon(house.acme, "calling_cards")
    with in_operator(house.acme), transaction.atomic(), pytest.raises(OverLimit) as refused:
        reserve(house.acme, "calling_cards.cards")
    assert refused.value.code == "addon_not_available" and refused.value.buy_at == ""
    with pytest.raises(NotSold, match="isn't for sale yet"):
        grant(house.acme, "calling_cards")


def test_an_addon_without_limited_use_is_hidden_until_bought(house, build):
    build("sms")
    assert not has_addon(house.acme, "sms")
    grant(house.acme, "sms")
    assert has_addon(house.acme, "sms") and state(house.acme, "sms") is State.PURCHASED
    assert revoke(house.acme, "sms") == 1
    assert not has_addon(house.acme, "sms") and state(house.acme, "sms") is State.EXPIRED


def test_what_a_permission_group_forbids_is_hidden_though_bought(house, cards):
    grant(house.acme, "calling_cards")
    forbid(house.acme, ["calling_cards"])
    assert not has_addon(house.acme, "calling_cards")
    assert has_addon(house.beta, "calling_cards")
    forbid(house.acme, [])
    assert state(house.acme, "calling_cards") is State.PURCHASED


def test_nobody_has_more_than_those_above_it(house, cards):
    grant(house.acme, "calling_cards")
    grant(house.root, "calling_cards", state=Entitlement.State.HIDDEN)
    assert not has_addon(house.acme, "calling_cards")


def test_a_plain_reseller_may_have_no_operators_below_it(house, rooms):
    with in_operator(house.acme), transaction.atomic(), pytest.raises(OverLimit) as refused:
        reserve_operator(house.acme, Operator.Kind.RESELLER)
    assert refused.value.code == "addon_not_available"
    assert "Multi-Level Resellers isn't part of your plan" in str(refused.value)


def test_a_partner_is_held_to_its_own_quota_of_resellers(open_house, rooms):
    acme = open_house.acme
    grant(acme, "multi_level")
    with in_operator(acme), transaction.atomic():
        reserve_operator(acme, Operator.Kind.RESELLER)
    below = open_operator(Wish("Below", ("below.localhost",), "EUR", parent_id=acme.pk))
    with in_operator(acme), transaction.atomic(), pytest.raises(OverLimit, match="Reseller: 1 of 1 resellers"):
        reserve_operator(acme, Operator.Kind.RESELLER)
    add_customers(below, ["One", "Two"])
    with pytest.raises(OverLimit):
        add_customers(below, ["Three"])
    add_customers(acme, ["Acme's own are the owner's to limit, and it doesn't"])
    use = asked(gate.use_of, acme, "reseller.users")
    assert (use.used, use.allowed) == (2, Allowance(2))


def test_deleting_gives_the_place_back_and_archiving_does_not(house, rooms):
    limit(house.root, "reseller")
    add_customers(house.acme, ["Second"])
    with in_operator(house.acme):
        from django.utils import timezone

        Customer.objects.filter(name="Second").update(archived_at=timezone.now())
    with pytest.raises(OverLimit):
        add_customers(house.acme, ["Third"])
    with in_operator(house.acme):
        Customer.objects.filter(name="Second").delete()
    add_customers(house.acme, ["Third"])


def test_the_gate_is_asked_inside_a_transaction_only(open_house, rooms):
    with in_operator(open_house.acme), pytest.raises(RuntimeError, match="inside the transaction"):
        reserve(open_house.acme, "reseller.users")


def test_the_gate_refuses_an_isolation_under_which_it_would_count_the_past(open_house, cards):
    with in_operator(open_house.acme):
        # Enters the schema now: the isolation level must be the first statement of its transaction.
        has_addon(open_house.acme, "sms")
        connections["default"].connection.isolation_level = IsolationLevel.REPEATABLE_READ
        with transaction.atomic(), pytest.raises(RuntimeError, match="READ COMMITTED"):
            reserve(open_house.acme, "calling_cards.cards")
    connections["default"].close()


def test_an_unknown_key_is_a_bug_and_no_limit(house):
    with in_operator(house.acme), transaction.atomic(), pytest.raises(LookupError):
        reserve(house.acme, "calling_cards.crads")
    with pytest.raises(LookupError):
        has_addon(house.acme, "calling_crads")


def test_plan_and_addons_make_one_sum(house):
    with in_operator(house.root):
        plan = Plan.objects.create(
            operator_id=house.root.pk, name="Start", calls=20, calls_per_second=None, includes={"more_calls": 2},
            currency="USD",
        )  # fmt: skip
    subscribe_by_hand(house.acme, plan)
    grant(house.acme, "more_calls", 3)
    with in_operator(house.acme):
        assert standing_of(house.acme).levels[0].capacity()["calls"] == Allowance(70)
