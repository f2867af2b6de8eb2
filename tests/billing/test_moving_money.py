"""A top-up or correction by hand: posted once, in this operator's books only, never below the floor."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from ledger.models import Account, Transfer
from portal.people.models import Customer
from tenants.context import in_operator


def form_of(browser, path: str) -> dict[str, str]:
    page = browser.get(path).content.decode()
    return {"deed": re.search(r'name="deed" value="([^"]+)"', page)[1], "kind": "payment", "reason": "Bank 118"}


@pytest.fixture
def carlas(house):
    with in_operator(house.acme):
        return Customer.objects.get(name="Carla Ltd")


def balance(house, customer) -> Decimal:
    with in_operator(house.acme):
        return Account.objects.get(pk=customer.account_id).posted


def test_a_payment_moves_cash_to_the_customer(house, browser_for, carlas):
    rita, path = browser_for(house.acme, "rita"), f"/billing/{carlas.pk}/move/"
    assert rita.post(path, form_of(rita, path) | {"amount": "25.50"}).status_code == 302
    assert balance(house, carlas) == Decimal("25.50")
    with in_operator(house.acme):
        moved = Transfer.objects.get(credit=carlas.account_id)
        assert Account.objects.get(pk=moved.debit).kind == "cash"
        assert (moved.kind, moved.memo) == ("payment", "Bank 118")


def test_a_correction_takes_against_adjustments(house, browser_for, carlas):
    rita, path = browser_for(house.acme, "rita"), f"/billing/{carlas.pk}/move/"
    rita.post(path, form_of(rita, path) | {"amount": "25"})
    taken = rita.post(path, form_of(rita, path) | {"kind": "correction", "amount": "-5.25", "reason": "Twice paid"})
    assert taken.status_code == 302
    assert balance(house, carlas) == Decimal("19.75")
    with in_operator(house.acme):
        moved = Transfer.objects.get(debit=carlas.account_id)
        assert Account.objects.get(pk=moved.credit).kind == "adjustment"


def test_the_same_form_sent_twice_posts_once(house, browser_for, carlas):
    rita, path = browser_for(house.acme, "rita"), f"/billing/{carlas.pk}/move/"
    form = form_of(rita, path) | {"amount": "10"}
    assert rita.post(path, form).status_code == 302
    again = rita.post(path, form, follow=True)
    assert "so nothing was done again" in again.content.decode()
    assert balance(house, carlas) == 10


def test_the_same_form_with_another_amount_is_refused(house, browser_for, carlas):
    rita, path = browser_for(house.acme, "rita"), f"/billing/{carlas.pk}/move/"
    form = form_of(rita, path) | {"amount": "10"}
    rita.post(path, form)
    other = rita.post(path, form | {"amount": "1000"})
    assert other.status_code == 422
    assert "with another amount or reason" in other.content.decode()
    assert balance(house, carlas) == 10


def test_a_deed_made_for_another_customer_operator_or_by_hand_is_refused(house, browser_for, carlas):
    rita, ben = browser_for(house.acme, "rita"), browser_for(house.beta, "ben")
    with in_operator(house.beta):
        dans = Customer.objects.get(name="Dan Ltd")
    assert dans.pk == carlas.pk
    path = f"/billing/{carlas.pk}/move/"
    for deed in (form_of(ben, path)["deed"], "1", "", "a:b:c", "\x00", str(2**70)):
        answer = rita.post(path, {"deed": deed, "kind": "payment", "reason": "x", "amount": "10"})
        assert answer.status_code == 422, deed
    assert balance(house, carlas) == 0


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"amount": "0"}, "Enter an amount other than 0."),
        ({"amount": "ten"}, "Enter a number."),
        ({"amount": "1,5"}, "Enter a number."),
        ({"amount": "1e400"}, "no more than"),
        ({"amount": "9" * 60}, "no more than"),
        ({"amount": "0.0000001"}, "no more than 6 decimal places"),
        ({"amount": "Infinity"}, "Enter a number."),
        ({"amount": "-0.01"}, "hold so much"),
        ({"reason": ""}, "This field is required."),
        ({"reason": "a\x00"}, "Null characters"),
        ({"reason": "two\x0blines"}, "Leave out control characters."),
        ({"reason": "x" * 201}, "at most 200"),
        ({"kind": "call"}, "Select a valid choice."),
    ],
)
def test_bad_input_gets_a_sentence_and_moves_nothing(house, browser_for, carlas, wrong, sentence):
    rita, path = browser_for(house.acme, "rita"), f"/billing/{carlas.pk}/move/"
    answer = rita.post(path, form_of(rita, path) | {"amount": "10"} | wrong)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert balance(house, carlas) == 0


def test_a_reason_is_shown_as_it_was_typed(house, browser_for, carlas):
    rita, path = browser_for(house.acme, "rita"), f"/billing/{carlas.pk}/move/"
    rita.post(path, form_of(rita, path) | {"amount": "1", "reason": "<script>alert('x')</script> #1 \"q\""})
    for page in (rita.get(f"/billing/{carlas.pk}/"), browser_for(house.acme, "carla").get("/billing/")):
        assert "<script>alert" not in page.content.decode()
        assert "&lt;script&gt;alert" in page.content.decode()


def test_carla_moves_nothing_herself(house, browser_for, carlas):
    rita, path = browser_for(house.acme, "rita"), f"/billing/{carlas.pk}/move/"
    form = form_of(rita, path) | {"amount": "1000"}
    assert browser_for(house.acme, "carla").post(path, form).status_code == 403
    assert balance(house, carlas) == 0
