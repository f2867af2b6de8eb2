"""Whatever happens to an answer, a deed is done once, and we know it in the end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from payments import account
from payments.account import NoStripe
from payments.ask import AskedDifferently, NotThere, Refused, Unknown, ask, fetch, reconcile
from payments.models import StripeCall
from tenants.context import in_operator
from tests.payments.standin import standing_in

CUSTOMER = "/v1/customers", {"name": "Acme"}


def calls(operator):
    with in_operator(operator):
        return list(StripeCall.objects.order_by("pk").values_list("key", "state", "tries"))


def customers(standin):
    return [one for one in standin.events() if one["type"] == "customer.created"]


def test_the_same_deed_asked_twice_is_done_once(open_house, standin):
    first = ask(open_house.root, "customer-1", *CUSTOMER)
    assert ask(open_house.root, "customer-1", *CUSTOMER) == first
    assert len(customers(standin)) == 1
    assert calls(open_house.root) == [("customer-1", "done", 1)]


def test_a_key_stands_for_one_question_only(open_house, standin):
    ask(open_house.root, "customer-1", *CUSTOMER)
    with pytest.raises(AskedDifferently):
        ask(open_house.root, "customer-1", "/v1/customers", {"name": "Beta"})
    assert len(customers(standin)) == 1


def test_stripe_is_never_asked_inside_a_transaction(open_house, standin):
    with transaction.atomic(), pytest.raises(RuntimeError, match="never asked inside a transaction"):
        ask(open_house.root, "customer-1", *CUSTOMER)
    with transaction.atomic(), pytest.raises(RuntimeError):
        fetch(open_house.root, "/v1/customers/cus_1")
    assert standin.events() == []


def test_a_lost_answer_is_unknown_and_reconciled_without_doing_it_again(open_house, standin, monkeypatch):
    monkeypatch.setattr(account, "SECONDS", (1.0, 0.5))
    standin.control(lose=1)
    with pytest.raises(Unknown):
        ask(open_house.root, "customer-1", *CUSTOMER)
    assert calls(open_house.root) == [("customer-1", "unknown", 1)]
    assert len(customers(standin)) == 1, "it did happen"
    assert reconcile(open_house.root) == 1
    assert calls(open_house.root) == [("customer-1", "done", 2)]
    assert len(customers(standin)) == 1
    assert ask(open_house.root, "customer-1", *CUSTOMER)["id"] == customers(standin)[0]["data"]["object"]["id"]


@pytest.mark.parametrize("fault", [{"down": True}, {"fail": 2}])
def test_a_stripe_in_trouble_is_unknown_until_it_is_back(open_house, standin, fault):
    standin.control(**fault)
    with pytest.raises(Unknown):
        ask(open_house.root, "customer-1", *CUSTOMER)
    assert reconcile(open_house.root) == 0
    standin.control(down=False, fail=0)
    assert reconcile(open_house.root) == 1
    assert len(customers(standin)) == 1


def test_a_slow_stripe_is_unknown_and_the_database_isn_t_kept_waiting(open_house, standin, monkeypatch):
    monkeypatch.setattr(account, "SECONDS", (1.0, 0.3))
    standin.control(slow=1.5)
    with pytest.raises(Unknown):
        ask(open_house.root, "customer-1", *CUSTOMER)
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity"
            " where state like 'idle in transaction%' and datname = current_database()"
        )
        assert cursor.fetchone()[0] == 0
    standin.control(slow=0)
    assert reconcile(open_house.root) == 1
    assert len(customers(standin)) == 1


def test_a_stripe_that_died_is_unknown_and_asked_again_when_it_is_back(open_house, standin):
    standin.process.kill()
    standin.process.wait()
    with pytest.raises(Unknown, match="does not answer"):
        ask(open_house.root, "customer-1", *CUSTOMER)
    with standing_in(standin.port) as again:
        assert reconcile(open_house.root) == 1
        assert len(customers(again)) == 1


def test_a_refusal_is_kept_with_its_reason(open_house, standin):
    for _ in range(2):
        with pytest.raises(Refused, match="greater than or equal to 1"):
            ask(open_house.root, "intent-1", "/v1/payment_intents", {"amount": 0, "currency": "eur"})
    assert calls(open_house.root) == [("intent-1", "refused", 1)]
    declined = {"amount": 500, "currency": "eur", "confirm": "true", "payment_method": "pm_card_chargeDeclined"}
    with pytest.raises(Refused, match="declined"):
        ask(open_house.root, "intent-2", "/v1/payment_intents", declined)


def test_after_a_day_an_unknown_is_left_to_people(open_house, standin):
    standin.control(down=True)
    with pytest.raises(Unknown):
        ask(open_house.root, "customer-1", *CUSTOMER)
    standin.control(down=False)
    assert reconcile(open_house.root, timezone.now() + timedelta(hours=24)) == 0
    assert calls(open_house.root)[0][1] == "lost"
    with pytest.raises(Unknown):
        ask(open_house.root, "customer-1", *CUSTOMER)
    assert customers(standin) == []


def test_what_is_not_there_says_so(open_house, standin):
    with pytest.raises(NotThere):
        fetch(open_house.root, "/v1/subscriptions/sub_of_nobody")


def test_a_wrong_key_is_refused(open_house, standin, settings):
    settings.STRIPE_KEY = "sk_test_wrong"
    with pytest.raises(Refused, match="Invalid API Key"):
        fetch(open_house.root, "/v1/events")


def test_only_the_owner_has_an_account_and_only_with_a_key(open_house, standin, settings):
    with pytest.raises(NoStripe):
        ask(open_house.acme, "customer-1", *CUSTOMER)
    settings.STRIPE_KEY = ""
    with pytest.raises(NoStripe):
        ask(open_house.root, "customer-1", *CUSTOMER)
    assert calls(open_house.root) == []


def test_nobody_sees_what_another_operator_asked(open_house, standin):
    ask(open_house.root, "customer-1", *CUSTOMER)
    assert calls(open_house.acme) == []
