"""A reseller buys, changes, cancels and fails to pay, against the stand-in over HTTP; and Stripe's news come doubled,
backwards, late, forged or for the wrong operator, and still say one thing."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest
from django.db import connections
from django.utils import timezone

from payments import account
from payments.account import NoStripe
from payments.ask import Unknown, reconcile
from payments.tasks import work_waiting
from plans import buy, gate
from plans.grant import NotSold, grant
from plans.models import Plan
from plans.subscribe import advance, lapsed, start_trial, subscribe_by_hand
from plans.tasks import ask_stripe_again
from tenants.context import in_operator, leave_operator
from tests.plans.shop import BACK, Shop


@pytest.fixture
def shop(open_house, standin):
    return Shop(open_house, standin)


@pytest.fixture
def acme(open_house):
    return open_house.acme


def test_a_plan_and_addons_bought_by_card_count_at_once(shop, acme):
    row = shop.bought(acme, shop.start, more_calls=3)
    assert (row.plan.name, row.state, row.source) == ("Start", "active", "stripe")
    assert shop.addons(acme) == {"more_calls": 3}
    assert shop.calls(acme) == 50
    assert row.period_started_at <= timezone.now() < row.period_ends_at


def test_a_trial_becomes_a_paid_plan_by_buying_it(shop, acme):
    start_trial(acme, shop.start)
    with in_operator(acme):
        assert gate.state(acme, "reseller").name == "TRIAL"
    row = shop.bought(acme, shop.start)
    assert row.state == "active"
    assert row.trial_ends_at <= timezone.now()
    with in_operator(acme):
        assert gate.state(acme, "reseller").name == "EXPIRED", "the plan has no such addon, the trial had"
        assert gate.allowance(acme, "reseller.resellers").value == 1


def test_the_same_attempt_sent_twice_opens_one_page(shop, acme):
    one, two = (
        buy.checkout(acme, shop.start, {}, attempt="form-1", success_url="http://a/", cancel_url="http://a/")
        for _ in range(2)
    )
    assert one == two


def test_a_declined_card_buys_nothing_and_may_be_tried_again(shop, acme):
    page = shop.checkout(acme, shop.start)
    refused = shop.standin.pay(page, "pm_card_chargeDeclined")
    assert refused.status_code == 402 and "declined" in refused.text
    shop.tell(shop.standin.events())
    assert shop.row(acme) is None
    assert shop.standin.pay(page).status_code == 303
    shop.news()
    assert shop.row(acme).state == "active"


def test_whoever_comes_back_from_paying_has_it_before_any_event(shop, acme):
    page = buy.checkout(acme, shop.start, {}, attempt="mine", **BACK)
    assert not buy.returned(acme, "mine") and not buy.returned(acme, "another")
    shop.standin.pay(page)
    assert buy.returned(acme, "mine")
    assert shop.row(acme).state == "active"


def test_news_that_never_came_are_asked_for_when_the_period_is_over(shop, acme):
    clock = shop.clock(days_ago=40)
    row = shop.bought(acme, shop.start)
    buy.cancel(acme, attempt=shop.attempt())
    clock.move(row.period_ends_at)
    assert ask_stripe_again(0) == 1
    assert shop.row(acme).state == "cancelled"
    assert ask_stripe_again(0) == 0


def test_nothing_is_bought_before_stripe_says_so(shop, acme):
    shop.checkout(acme, shop.start)
    shop.tell(shop.standin.events())
    assert shop.row(acme) is None


def test_what_is_not_sold_can_t_be_bought(shop, acme, open_house):
    with pytest.raises(NotSold, match="isn't sold here"):
        shop.checkout(acme, shop.start, sms=1)
    with in_operator(open_house.beta):
        foreign = Plan.objects.create(operator_id=open_house.beta.pk, name="Beta's", currency="USD")
    with pytest.raises(NotSold):
        shop.checkout(acme, foreign)
    with pytest.raises(NotSold, match="buys from nobody"):
        shop.checkout(open_house.root, shop.start)


def test_without_a_key_nothing_is_sold_by_card(shop, acme, settings):
    settings.STRIPE_KEY = ""
    with pytest.raises(NoStripe):
        shop.checkout(acme, shop.start)


def test_a_second_plan_can_t_be_bought_beside_the_first(shop, acme):
    shop.bought(acme, shop.start)
    with pytest.raises(NotSold, match="change that one"):
        shop.checkout(acme, shop.grow)


def test_changing_the_quantity_is_prorated_to_the_cent_as_quoted(shop, acme):
    clock = shop.clock(days_ago=20)
    row = shop.bought(acme, shop.start, more_calls=1)
    whole = (row.period_ends_at - row.period_started_at).total_seconds()
    clock.move(clock.at + 10 * 86_400)
    rest = (row.period_ends_at - clock.moment).total_seconds()
    wanted = {"more_calls": 4}
    quote = buy.quote(acme, shop.start, wanted)
    cents = [int(Decimal(price) * 100 * Decimal(rest) / Decimal(whole) + Decimal("0.5")) for price in (10, 40)]
    assert [amount for _, amount in quote.lines] == [Decimal(-cents[0]) / 100, Decimal(cents[1]) / 100]
    assert quote.total == Decimal(cents[1] - cents[0]) / 100
    assert shop.addons(acme) == {"more_calls": 1}, "a quote changes nothing"
    buy.change(acme, shop.start, wanted, attempt=shop.attempt())
    assert shop.addons(acme) == {"more_calls": 4}, "at once, before any event"
    assert shop.calls(acme) == 60
    clock.move(row.period_ends_at)
    last = shop.standin.get("/v1/invoices")["data"][0]
    assert last["total"] == 3000 + 4000 + cents[1] - cents[0]
    assert last["status"] == "paid"


def test_another_plan_counts_now_or_from_the_next_period(shop, acme):
    clock = shop.clock(days_ago=5)
    row = shop.bought(acme, shop.start)
    buy.change(acme, shop.grow, {}, attempt=shop.attempt())
    assert (shop.row(acme).plan.name, shop.calls(acme)) == ("Grow", 100)
    buy.change(acme, shop.start, {}, attempt=shop.attempt(), at_period_end=True)
    shop.news()
    waiting = shop.row(acme)
    assert (waiting.plan.name, waiting.next_plan.name, shop.calls(acme)) == ("Grow", "Start", 100)
    clock.move(row.period_ends_at + timedelta(days=1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("plans.from_stripe.timezone.now", lambda: clock.moment)
        shop.news()
    done = shop.row(acme)
    assert (done.plan.name, done.next_plan, shop.calls(acme)) == ("Start", None, 20)


def test_a_plan_cancelled_with_its_period_lives_until_then_and_may_be_kept(shop, acme):
    clock = shop.clock(days_ago=40)
    row = shop.bought(acme, shop.start, reseller=1)
    buy.cancel(acme, attempt=shop.attempt())
    assert shop.row(acme).ends_with_period and shop.row(acme).state == "active"
    buy.cancel(acme, attempt=shop.attempt(), keep=True)
    assert not shop.row(acme).ends_with_period
    buy.cancel(acme, attempt=shop.attempt())
    clock.move(row.period_ends_at)
    shop.news()
    assert shop.row(acme).state == "cancelled"
    assert shop.addons(acme) == {}
    with in_operator(shop.house.root):
        assert lapsed() == [acme.pk]
    again = shop.bought(acme, shop.grow)
    assert (again.state, again.plan.name) == ("active", "Grow")


def test_a_failed_payment_is_past_due_then_suspended_and_paying_brings_it_back(shop, acme):
    clock = shop.clock(days_ago=40)
    row = shop.bought(acme, shop.start, reseller=1)
    shop.standin.post(
        f"/v1/customers/{row.stripe_customer}",
        invoice_settings={"default_payment_method": "pm_card_chargeCustomerFail"},
    )
    clock.move(row.period_ends_at)
    shop.news()
    late = shop.row(acme)
    assert late.state == "past_due" and shop.calls(acme) == 20, "it works on while it is reminded"
    assert advance(acme, timezone.now()) == "past_due"
    assert advance(acme, late.past_due_at + timedelta(days=14)) == "suspended"
    with in_operator(acme):
        assert gate.state(acme, "reseller").name == "EXPIRED"
    with in_operator(shop.house.root):
        assert lapsed() == [acme.pk]
    page = buy.portal(acme, attempt=shop.attempt(), return_url="http://acme.localhost/plan/")
    assert httpx.post(page, data={"do": "card", "card": "pm_card_visa"}).status_code == 200
    shop.news()
    paid = shop.row(acme)
    assert (paid.state, paid.past_due_at) == ("active", None)
    with in_operator(acme):
        assert gate.state(acme, "reseller").name == "PURCHASED"


def test_while_it_is_suspended_another_failed_try_of_stripe_s_doesn_t_revive_it(shop, acme):
    clock = shop.clock(days_ago=40)
    row = shop.bought(acme, shop.start)
    bad = {"default_payment_method": "pm_card_chargeCustomerFail"}
    shop.standin.post(f"/v1/customers/{row.stripe_customer}", invoice_settings=bad)
    clock.move(row.period_ends_at)
    shop.news()
    advance(acme, shop.row(acme).past_due_at + timedelta(days=14))
    invoice = shop.standin.get("/v1/invoices", status="open")["data"][0]["id"]
    with pytest.raises(Exception, match="declined"):
        shop.standin.post(f"/v1/invoices/{invoice}/pay")
    shop.news()
    assert shop.row(acme).state == "suspended"


@pytest.mark.parametrize("seed", range(4))
def test_duplicates_and_any_order_come_out_alike(shop, acme, seed):
    clock = shop.clock(days_ago=20)
    shop.standin.pay(shop.checkout(acme, shop.start, more_calls=2))
    shop.tell(one for one in shop.standin.events() if one["type"] == "customer.subscription.created")
    clock.move(clock.at + 86_400)
    buy.change(acme, shop.grow, {"more_calls": 5}, attempt=shop.attempt())
    events = shop.standin.events() * 10
    events.reverse() if seed == 0 else random.Random(seed).shuffle(events)
    shop.tell(events)
    row = shop.row(acme)
    assert (row.plan.name, row.state, shop.addons(acme), shop.calls(acme)) == (
        "Grow", "active", {"more_calls": 5}, 150,
    )  # fmt: skip


def test_a_refund_before_the_success_changes_nothing_of_the_plan(shop, acme):
    shop.standin.pay(shop.checkout(acme, shop.start))
    intent = next(one for one in shop.standin.events() if one["type"] == "payment_intent.succeeded")
    shop.standin.post("/v1/refunds", payment_intent=intent["data"]["object"]["id"], amount=1000)
    events = shop.standin.events()
    refunds = [one for one in events if "refund" in one["type"]]
    assert set(shop.tell(refunds)) == {"parked"}
    assert shop.row(acme) is None
    shop.tell(events)
    assert shop.row(acme).state == "active"


@pytest.mark.parametrize("kind", ["checkout.session.completed", "customer.subscription.created", "invoice.paid"])
def test_any_one_event_of_a_purchase_is_enough(shop, acme, kind):
    shop.standin.pay(shop.checkout(acme, shop.start, more_calls=1))
    shop.tell(one for one in shop.standin.events() if one["type"] == kind)
    assert shop.row(acme).state == "active" and shop.addons(acme) == {"more_calls": 1}


def forged_for(shop, customer, named, plan):
    """A subscription made at Stripe by hand, naming an operator."""
    price = buy.publish(shop.house.root, plan)
    return shop.standin.post(
        "/v1/subscriptions", customer=customer, items=[{"price": price}], metadata={"operator_id": str(named)}
    )


def test_a_subscription_that_names_another_operator_than_its_customer_s_is_parked(shop, acme, open_house):
    row = shop.bought(acme, shop.start)
    made = forged_for(shop, row.stripe_customer, open_house.beta.pk, shop.grow)
    told = [one for one in shop.standin.events() if one["data"]["object"]["id"] == made["id"]]
    assert set(shop.tell(told)) == {"parked"}
    shop.checkout(open_house.beta, shop.start)
    assert shop.row(open_house.beta) is None
    assert (shop.row(acme).plan.name, shop.calls(acme)) == ("Start", 20)


@pytest.mark.parametrize("named", ["0", "999999", "-1", "1; drop table", "٣", "9" * 30])
def test_a_subscription_that_names_nobody_of_ours_is_parked(shop, acme, named):
    row = shop.bought(acme, shop.start)
    made = forged_for(shop, row.stripe_customer, named, shop.grow)
    told = [one for one in shop.standin.events() if one["data"]["object"]["id"] == made["id"]]
    assert set(shop.tell(told)) == {"parked"}
    assert shop.row(acme).plan.name == "Start"


def test_the_owner_and_operators_of_others_are_no_buyers(shop, acme, open_house):
    row = shop.bought(acme, shop.start)
    made = forged_for(shop, row.stripe_customer, open_house.root.pk, shop.grow)
    assert set(shop.tell(e for e in shop.standin.events() if e["data"]["object"]["id"] == made["id"])) == {"parked"}
    assert shop.row(open_house.root) is None


def test_a_second_subscription_of_the_same_operator_is_parked_for_people(shop, acme):
    row = shop.bought(acme, shop.start)
    made = forged_for(shop, row.stripe_customer, acme.pk, shop.grow)
    assert set(shop.tell(e for e in shop.standin.events() if e["data"]["object"]["id"] == made["id"])) == {"parked"}
    assert shop.row(acme).stripe_subscription == row.stripe_subscription
    shop.standin.delete(f"/v1/subscriptions/{made['id']}")
    shop.news()
    assert shop.row(acme).state == "active", "the end of the other one isn't the end of this"


def test_a_subscription_of_something_we_don_t_sell_is_parked(shop, acme):
    row = shop.bought(acme, shop.start)
    price = shop.standin.post(
        "/v1/prices", currency="usd", unit_amount=1, recurring={"interval": "month"}, product_data={"name": "A mug"}
    )
    shop.standin.post(
        f"/v1/subscriptions/{row.stripe_subscription}", items=[{"price": price["id"]}], proration_behavior="none"
    )
    assert set(shop.news()) == {"parked"}
    assert shop.row(acme).plan.name == "Start"


def test_a_change_whose_answer_is_lost_is_found_out_and_done_once(shop, acme, monkeypatch):
    shop.bought(acme, shop.start)
    buy.publish(shop.house.root, shop.grow)
    monkeypatch.setattr(account, "SECONDS", (1.0, 0.5))
    shop.standin.control(lose=1)
    with pytest.raises(Unknown):
        buy.change(acme, shop.grow, {}, attempt="grow")
    assert shop.row(acme).plan.name == "Start"
    assert reconcile(shop.house.root) == 1
    shop.news()
    assert shop.row(acme).plan.name == "Grow"
    changes = [one for one in shop.standin.events() if one["type"] == "customer.subscription.updated"]
    assert len([one for one in changes if len(one["data"]["object"]["items"]["data"]) == 1]) == len(changes)


def test_a_purchase_while_we_are_deaf_is_caught_up_with(shop, acme):
    shop.standin.pay(shop.checkout(acme, shop.start))
    events = [one for one in shop.standin.events() if one["type"] == "checkout.session.completed"]
    shop.standin.control(down=True)
    with pytest.raises(Unknown):
        shop.tell(events)
    shop.standin.control(down=False)
    assert work_waiting(0) >= 1
    assert shop.row(acme).state == "active"


def test_a_storm_of_events_in_threads_ends_at_what_stripe_has(shop, acme):
    shop.standin.pay(shop.checkout(acme, shop.start, more_calls=2))
    events = shop.standin.events() * 10
    random.Random(7).shuffle(events)

    def one(event):
        try:
            return shop.tell([event])
        finally:
            leave_operator()
            for each in connections.all(initialized_only=True):
                each.close()

    with ThreadPoolExecutor(8) as pool:
        states = [state for found in pool.map(one, events) for state in found]
    assert len(states) == len(events) / 10
    assert (shop.row(acme).state, shop.addons(acme), shop.calls(acme)) == ("active", {"more_calls": 2}, 40)


def test_by_hand_and_by_card_don_t_mix(shop, acme):
    shop.bought(acme, shop.start)
    with pytest.raises(NotSold, match="paid by card"):
        subscribe_by_hand(acme, shop.grow)
    grant(acme, "more_calls", 1)
    assert shop.calls(acme) == 30, "an addon given by hand adds to what is paid"
    buy.change(acme, shop.start, {"more_calls": 1}, attempt=shop.attempt())
    assert shop.calls(acme) == 40, "and stays when Stripe speaks"
