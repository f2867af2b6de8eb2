"""What time does to plans by hand: trials end, months end, patience ends. Data stay, and paying brings all back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from plans import gate, subscribe
from plans.dunning import ACTIVE, CANCELLED, DUNNING, PAST_DUE, SUSPENDED, TRIAL, Facts, next_state
from plans.grant import NotSold, grant
from plans.models import Plan, Subscription
from plans.tasks import advance_subscriptions
from tenants.context import in_operator
from tenants.models import Operator

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        (Facts(TRIAL, trial_ends_at=NOW + TICK), TRIAL),
        (Facts(TRIAL, trial_ends_at=NOW), SUSPENDED),
        (Facts(ACTIVE), ACTIVE),
        (Facts(ACTIVE, paid_until=NOW + TICK), ACTIVE),
        (Facts(ACTIVE, paid_until=NOW), PAST_DUE),
        (Facts(ACTIVE, paid_until=NOW, ends_with_period=True), CANCELLED),
        (Facts(ACTIVE, paid_until=NOW - DUNNING), SUSPENDED),
        (Facts(PAST_DUE, past_due_at=NOW - DUNNING + TICK), PAST_DUE),
        (Facts(PAST_DUE, past_due_at=NOW - DUNNING), SUSPENDED),
        (Facts(SUSPENDED, paid_until=NOW + DAY), SUSPENDED),
        (Facts(CANCELLED, paid_until=NOW + DAY), CANCELLED),
    ],
)
def test_each_state_changes_at_its_instant_and_not_before(facts, state):
    assert next_state(facts, NOW) == state


states = st.sampled_from([TRIAL, ACTIVE, PAST_DUE, SUSPENDED, CANCELLED])
moments = st.none() | st.integers(-60, 60).map(lambda days: NOW + days * DAY)


@given(states, moments, moments, moments, st.booleans())
def test_time_alone_brings_nobody_back_and_asking_twice_changes_nothing(state, trial, due, paid, ends):
    facts = Facts(state, trial, due, paid, ends)
    after = next_state(facts, NOW)
    if state in (SUSPENDED, CANCELLED):
        assert after == state
    assert next_state(Facts(after, trial, due, paid, ends), NOW) in (after, SUSPENDED, CANCELLED)


@pytest.fixture
def plan(house):
    with in_operator(house.root):
        return Plan.objects.create(
            operator_id=house.root.pk, name="Start", calls=20, currency="USD", includes={"reseller": 1}, trial_days=30
        )


def state(operator, addon):
    with in_operator(operator):
        return gate.state(operator, addon).name


def test_a_trial_has_every_built_addon_and_lasts_as_long_as_the_plan_says(house, plan):
    row = subscribe.start_trial(house.acme, plan)
    assert timedelta(days=29) < row.trial_ends_at - timezone.now() <= timedelta(days=30)
    assert state(house.acme, "reseller_pro") == state(house.acme, "multi_level") == "TRIAL"
    assert state(house.acme, "calling_cards") == "HIDDEN", "its room isn't built"


def test_a_trial_that_is_over_gives_nothing_even_before_the_job_has_run(house, plan):
    subscribe.start_trial(house.acme, plan)
    Subscription.objects.all()
    with in_operator(house.root):
        Subscription.objects.filter(pk=house.acme.pk).update(trial_ends_at=timezone.now())
    assert state(house.acme, "reseller_pro") == "EXPIRED"
    assert subscribe.advance(house.acme, timezone.now()) == "suspended"
    with in_operator(house.root):
        assert subscribe.lapsed() == [house.acme.pk]


def test_a_trial_is_had_once(house, plan):
    subscribe.start_trial(house.acme, plan)
    with pytest.raises(NotSold, match="has had its trial"):
        subscribe.start_trial(house.acme, plan)


def test_a_trial_becomes_a_plan_by_hand(house, plan):
    subscribe.start_trial(house.acme, plan)
    subscribe.subscribe_by_hand(house.acme, plan)
    assert state(house.acme, "reseller") == "PURCHASED"
    assert state(house.acme, "reseller_pro") == "EXPIRED"


def test_a_month_by_hand_ends_in_a_reminder_then_suspension_and_paying_brings_it_back(house, plan):
    until = timezone.now() + 30 * DAY
    subscribe.subscribe_by_hand(house.acme, plan, until=until)
    assert subscribe.advance(house.acme, until - TICK) == "active"
    assert subscribe.advance(house.acme, until) == "past_due"
    assert state(house.acme, "reseller") == "PURCHASED"
    assert subscribe.advance(house.acme, until + DUNNING) == "suspended"
    assert state(house.acme, "reseller") == "LIMITED"
    subscribe.subscribe_by_hand(house.acme, plan, until=until + 60 * DAY)
    assert state(house.acme, "reseller") == "PURCHASED"
    assert subscribe.advance(house.acme, until + DUNNING) == "active"


def test_a_change_at_the_end_of_the_period_waits_for_it(house, plan):
    with in_operator(house.root):
        other = Plan.objects.create(operator_id=house.root.pk, name="Grow", calls=100, currency="USD")
    until = timezone.now() + DAY
    subscribe.subscribe_by_hand(house.acme, plan, until=until)
    row = subscribe.change_plan(house.acme, other, at_period_end=True)
    assert (row.plan.name, row.next_plan.name) == ("Start", "Grow")
    subscribe.advance(house.acme, until)
    row = subscribe.subscription_of(house.acme)
    assert (row.plan.name, row.next_plan) == ("Grow", None)


def test_a_plan_ended_by_hand_ends_now_or_with_its_period(house, plan):
    until = timezone.now() + DAY
    subscribe.subscribe_by_hand(house.acme, plan, until=until)
    assert subscribe.cancel(house.acme).state == "active"
    assert subscribe.advance(house.acme, until) == "cancelled"
    subscribe.subscribe_by_hand(house.beta, plan)
    assert subscribe.cancel(house.beta, at_period_end=False).state == "cancelled"


def test_another_operator_s_plan_and_one_that_is_not_sold_any_more_are_refused(house, plan):
    with in_operator(house.acme):
        foreign = Plan.objects.create(operator_id=house.acme.pk, name="Acme's", currency="EUR")
    with pytest.raises(NotSold, match="another operator's"):
        subscribe.subscribe_by_hand(house.beta, foreign)
    plan.archived_at = timezone.now()
    with pytest.raises(NotSold, match="isn't sold any more"):
        subscribe.subscribe_by_hand(house.beta, plan)


def test_an_addon_for_a_month_ends_by_itself_and_one_for_good_doesn_t(house, build):
    build("sms")
    grant(house.acme, "sms", until=timezone.now() + timedelta(milliseconds=50))
    grant(house.beta, "sms")
    import time

    assert state(house.acme, "sms") == "PURCHASED"
    time.sleep(0.1)
    assert (state(house.acme, "sms"), state(house.beta, "sms")) == ("EXPIRED", "PURCHASED")
    with pytest.raises(NotSold, match="over already"):
        grant(house.acme, "sms", until=timezone.now())


def test_the_job_advances_whoever_is_due_and_nobody_else(open_house):
    root = open_house.root
    with in_operator(root):
        plan = Plan.objects.create(operator_id=root.pk, name="Start", currency="USD")
    subscribe.start_trial(open_house.acme, plan, days=-1)
    subscribe.start_trial(open_house.beta, plan)
    assert advance_subscriptions(0) == 1
    assert advance_subscriptions(0) == 0
    with in_operator(root):
        assert subscribe.lapsed() == [open_house.acme.pk]
        kept = Subscription.objects.get(pk=open_house.beta.pk)
    assert kept.state == "trial"
    assert Operator.objects.using("owner").get(pk=open_house.acme.pk).state == "active", "suspending is opening's deed"
