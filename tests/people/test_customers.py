"""Customers: found, made, changed, suspended and archived; what they may not become."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from ledger.models import Account
from portal.billing.move_money import move_money
from portal.people.create_customer import create_customer
from portal.people.models import Customer, User
from portal.tariffs.models import Currency, Tariff
from tenants.context import in_operator

GOOD = {"name": "Baltic Travel UAB", "currency": "EUR", "call_limit": "5", "credit_limit": "100"}
NEW = "/customers/new/"


def account(house, name: str) -> Account:
    return Account.objects.get(pk=Customer.objects.get(name=name).account_id)


def test_a_new_customer_has_an_account_a_credit_limit_and_a_call_limit(house, browser_for):
    answer = browser_for(house.acme, "rita").post(NEW, GOOD | {"email": "office@baltic.example"})
    assert answer.status_code == 302
    with in_operator(house.acme):
        customer = Customer.objects.get(name="Baltic Travel UAB")
        assert (account(house, customer.name).floor, account(house, customer.name).currency) == (Decimal(-100), "EUR")
        limit = Account.objects.get(pk=customer.limit_account_id)
        assert (limit.currency, limit.posted) == ("CALL", 5)
    with in_operator(house.beta):
        assert not Customer.objects.filter(name="Baltic Travel UAB").exists()


def test_no_credit_limit_at_all_is_no_floor(house, browser_for):
    browser_for(house.acme, "rita").post(NEW, GOOD | {"credit_limit": ""})
    with in_operator(house.acme):
        assert account(house, "Baltic Travel UAB").floor is None


def test_limits_change_with_the_form_and_the_form_shows_what_is_so(house, browser_for):
    rita = browser_for(house.acme, "rita")
    rita.post(NEW, GOOD)
    with in_operator(house.acme):
        made = Customer.objects.get(name="Baltic Travel UAB")
    edit = reverse("people:edit_customer", args=[made.pk])
    assert 'name="credit_limit" value="100"' in rita.get(edit).content.decode()
    # No currency is asked for any more, and one that is sent is not taken.
    change = {"name": made.name, "credit_limit": "12.5", "call_limit": "2", "currency": "USD"}
    assert rita.post(edit, change).status_code == 302
    with in_operator(house.acme):
        made.refresh_from_db()
        assert (made.currency, account(house, made.name).floor) == ("EUR", Decimal("-12.5"))
        assert Account.objects.get(pk=made.limit_account_id).posted == 2
    rita.post(edit, change | {"call_limit": "0"})
    with in_operator(house.acme):
        made.refresh_from_db()
        assert made.limit_account_id is None


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "Carla Ltd"}, "There is a customer of that name already."),
        ({"name": "Bell\x07"}, "leave out characters"),
        ({"name": "Nul\x00"}, "Null characters are not allowed."),
        ({"name": "=cmd()"}, "begin a name with ="),
        ({"name": "x" * 101}, "at most 100 characters"),
        ({"credit_limit": "-1"}, "A credit limit can&#x27;t be negative."),
        ({"credit_limit": "1,5"}, "Enter a number."),
        ({"credit_limit": "NaN"}, "Enter a number."),
        ({"credit_limit": "9" * 40}, "no more than"),
        ({"call_limit": "-1"}, "greater than or equal to 0"),
        ({"call_limit": "99999999999999999999"}, "At most 1,000,000."),
        ({"currency": "XXX"}, "Select a valid choice."),
        ({"tariff": "999999"}, "Select a valid choice."),
        ({"tariff": "1 or 1=1"}, "Select a valid choice."),
        ({"tariff": "9" * 30}, "Select a valid choice."),
        ({"email": "not one"}, "valid email"),
    ],
)
def test_bad_input_gets_a_sentence_and_saves_nothing(house, browser_for, wrong, sentence):
    with in_operator(house.acme):
        before = Customer.objects.count(), Account.objects.count()
    answer = browser_for(house.acme, "rita").post(NEW, GOOD | wrong)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    with in_operator(house.acme):
        assert (Customer.objects.count(), Account.objects.count()) == before


@pytest.mark.parametrize(
    "name", ['O"Brien & <Sons>', "Robert'); drop table people_customer;--", "Ünïcødé № 5", "a#b?c/d%"]
)
def test_hostile_names_are_names(house, browser_for, name):
    rita = browser_for(house.acme, "rita")
    assert rita.post(NEW, GOOD | {"name": name}).status_code == 302
    with in_operator(house.acme):
        pk = Customer.objects.get(name=name).pk
    for path in ("/customers/", f"/customers/{pk}/", f"/customers/{pk}/edit/", f"/billing/{pk}/"):
        page = rita.get(path).content.decode()
        assert "<Sons>" not in page
    link = rita.get(f"/customers/{pk}/").content.decode()
    assert "/calls/?customer=" in link or "No calls yet" in link


def test_a_tariff_for_buying_can_t_be_sold(house, browser_for):
    with in_operator(house.acme):
        buy = Tariff.objects.create(name="Carrier", purpose="buy", currency="EUR")
        sell = Tariff.objects.create(name="Retail", purpose="sell", currency="EUR")
        Currency.objects.create(code="USD", rate=Decimal("0.9"))
    rita = browser_for(house.acme, "rita")
    assert rita.post(NEW, GOOD | {"tariff": buy.pk}).status_code == 422
    assert rita.post(NEW, GOOD | {"tariff": sell.pk, "currency": "USD"}).status_code == 302


def test_only_who_has_carriers_chooses_an_lcr(house, browser_for):
    assert 'name="lcr"' not in browser_for(house.acme, "rita").get(NEW).content.decode()
    assert 'name="lcr"' in browser_for(house.beta, "ben").get(NEW).content.decode()


def test_suspended_and_archived_are_two_things(house, browser_for):
    rita = browser_for(house.acme, "rita")
    with in_operator(house.acme):
        pk = Customer.objects.get(name="Carla Ltd").pk

    def after(deed: str) -> tuple[str, bool]:
        assert rita.post(reverse(f"people:{deed}", args=[pk])).status_code == 302
        with in_operator(house.acme):
            now = Customer.objects.get(pk=pk)
            return now.state, now.archived_at is not None

    assert after("suspend") == ("suspended", False)
    assert after("archive") == ("suspended", True)
    assert [one.name for one in rita.get("/customers/").context["page"]] == []
    assert [one.name for one in rita.get("/customers/?state=archived").context["page"]] == ["Carla Ltd"]
    assert after("resume") == ("active", True)
    assert after("restore") == ("active", False)
    for deed in ("suspend", "resume", "archive", "restore"):
        assert rita.get(reverse(f"people:{deed}", args=[pk])).status_code == 405


def test_a_reseller_among_the_customers_is_marked_and_has_no_people_or_devices_here(house, browser_for):
    olga = browser_for(house.root, "olga")
    with in_operator(house.root):
        acme = Customer.objects.get(operator_id=house.acme.pk)
    assert "Reseller" in olga.get("/customers/").content.decode()
    page = olga.get(reverse("people:customer", args=[acme.pk])).content.decode()
    assert "Add user" not in page
    assert "Add device" not in page
    assert "acme.localhost" not in page
    assert olga.post(reverse("people:new_user", args=[acme.pk]), {"username": "sneaky"}).status_code == 404
    answer = olga.post("/devices/new/", {"customer": acme.pk, "name": "Sneaky", "call_limit": 0, "ring_seconds": 60})
    assert answer.status_code == 422


def test_a_user_is_locked_and_unlocked_but_never_someone_else_s(house, browser_for):
    rita = browser_for(house.acme, "rita")
    with in_operator(house.acme):
        carla, staff = User.objects.get(username="carla"), User.objects.get(username="rita")
    carlas = browser_for(house.acme, "carla")
    rita.post(reverse("people:lock_user", args=[carla.customer_id, carla.pk]))
    assert carlas.get("/dashboard/").status_code == 302
    rita.post(reverse("people:unlock_user", args=[carla.customer_id, carla.pk]))
    with in_operator(house.acme):
        assert User.objects.get(username="carla").is_active
    # People of the operator itself are not a customer's users.
    assert rita.post(reverse("people:lock_user", args=[carla.customer_id, staff.pk])).status_code == 404


def test_searching_and_sorting(house, browser_for):
    with in_operator(house.acme):
        for name, money in (("Baltic Travel", 5), ("100% Nord_ic", 50)):
            move_money(create_customer(Customer(name=name, currency="EUR")), _source(), "payment", Decimal(money), "x")
    rita = browser_for(house.acme, "rita")

    def names(query: str) -> list[str]:
        return [one.name for one in rita.get(f"/customers/?{query}").context["page"]]

    assert names("q=nord") == ["100% Nord_ic"]
    assert names("q=%25") == ["100% Nord_ic"]
    assert names("q=_") == ["100% Nord_ic"]
    assert names("q=%27+or+1%3D1") == []
    assert names("sort=-balance") == ["100% Nord_ic", "Baltic Travel", "Carla Ltd"]
    assert names("sort=balance")[0] == "Carla Ltd"
    assert names("sort=password;drop") == ["100% Nord_ic", "Baltic Travel", "Carla Ltd"]
    assert names("state=nonsense") == []
    assert rita.get("/customers/?q=%00&page=99999999999").status_code == 200


def test_the_list_costs_the_same_however_many_there_are(house, browser_for, django_assert_max_num_queries):
    with in_operator(house.acme):
        for number in range(30):
            create_customer(Customer(name=f"Customer {number:02}", currency="EUR"))
    rita = browser_for(house.acme, "rita")
    with django_assert_max_num_queries(9):
        assert "Customer 29" in rita.get("/customers/").content.decode()


def _source() -> int:
    from ledger.posting import new_source

    return new_source()
