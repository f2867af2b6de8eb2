"""Blocking by the calendar (resellers.md 9.3, 20.1 number 12), and nothing with calls or money is deleted (1.3)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest
from django.core import mail
from django.db.models import ProtectedError
from django.urls import get_resolver, reverse

from portal.billing.move_money import move_money
from portal.devices.create_device import create_device
from portal.devices.models import Device
from portal.people import blocking
from portal.people.change_customer import archive, suspend
from portal.people.create_customer import create_customer
from portal.people.models import Customer
from portal.people.tasks import block_customers
from tenants.context import in_operator
from tests.call_rows import call_rows

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def rows(house):
    with call_rows() as made:
        yield made


@pytest.fixture
def carla(house):
    with in_operator(house.acme):
        Customer.objects.filter(name="Carla Ltd").update(email="carla@acme.localhost")
        return Customer.objects.get(name="Carla Ltd")


def edit(browser, customer, **changes):
    form = {"name": customer.name, "credit_limit": "0", "call_limit": "0", "block_on": ""} | changes
    return browser.post(reverse("people:edit_customer", args=[customer.pk]), form)


@pytest.mark.parametrize("days", [0, -1, -400])
def test_today_and_the_past_are_refused_with_a_sentence_and_block_nobody(house, browser_for, carla, days):
    today = blocking.today_of(house.acme, datetime.now(UTC))
    answer = edit(browser_for(house.acme, "rita"), carla, block_on=str(today + timedelta(days=days)))
    assert answer.status_code == 422
    assert "choose tomorrow or later" in answer.content.decode()
    with in_operator(house.acme):
        carla.refresh_from_db()
        assert (carla.block_on, carla.state) == (None, "active")
        assert blocking.block_due(house.acme, datetime.now(UTC)) == 0


def test_tomorrow_blocks_at_its_midnight_by_the_operator_s_zone(house, browser_for, carla):
    house.acme.timezone = "Pacific/Auckland"
    today = blocking.today_of(house.acme, NOON)
    assert today == date(2026, 11, 24), "noon in London is tomorrow there"
    with in_operator(house.acme):
        Customer.objects.filter(pk=carla.pk).update(block_on=today + timedelta(days=1))
        before = datetime(2026, 11, 24, 10, 59, tzinfo=UTC)
        assert blocking.block_due(house.acme, before) == 0
        assert blocking.block_due(house.acme, before + timedelta(minutes=1)) == 1
        carla.refresh_from_db()
        assert (carla.state, carla.block_on) == ("suspended", None)
        assert mail.outbox[-1].to == ["carla@acme.localhost"]
        # Running again changes nothing, not even for somebody who was let in again by hand.
        Customer.objects.filter(pk=carla.pk).update(state="active")
        assert blocking.block_due(house.acme, before + timedelta(days=9)) == 0


def test_a_night_that_was_missed_is_caught_up(house, carla):
    with in_operator(house.acme):
        Customer.objects.filter(pk=carla.pk).update(block_on=date(2026, 11, 20))
        assert blocking.block_due(house.acme, NOON) == 1


def test_the_page_takes_tomorrow_and_the_worker_does_it(open_house, browser_for):
    with in_operator(open_house.acme):
        carla = Customer.objects.get(name="Carla Ltd")
    tomorrow = blocking.tomorrow_of(open_house.acme, datetime.now(UTC))
    assert edit(browser_for(open_house.acme, "rita"), carla, block_on=str(tomorrow)).status_code == 302
    assert block_customers(0) == 0
    with in_operator(open_house.acme):
        Customer.objects.update(block_on=tomorrow - timedelta(days=1))
    assert block_customers(0) == 1
    with in_operator(open_house.beta):
        assert not Customer.objects.filter(state="suspended").exists()


@pytest.mark.parametrize(("postpaid", "negative", "unpaid"), list(product([True, False], repeat=3)))
def test_who_is_blocked_conditionally_meets_all_three(house, carla, monkeypatch, postpaid, negative, unpaid):
    monkeypatch.setattr(blocking, "_unpaid", [lambda customer: unpaid])
    from ledger.accounts import set_floor
    from ledger.posting import new_source

    with in_operator(house.acme):
        set_floor(carla.account_id, Decimal(-100))
        if negative:
            assert move_money(carla, new_source(), "payment", Decimal(-5), "x")
        set_floor(carla.account_id, Decimal(-100) if postpaid else Decimal(0))
        Customer.objects.filter(pk=carla.pk).update(block_day=23)
        assert blocking.block_due(house.acme, NOON) == int(postpaid and negative and unpaid)
        carla.refresh_from_db()
        assert (carla.state == "suspended") is (postpaid and negative and unpaid)
        # Looked at once a month.
        assert blocking.block_due(house.acme, NOON + timedelta(days=1)) == 0


@pytest.mark.parametrize(
    ("day", "today", "checked", "due"),
    [
        (15, date(2026, 11, 14), None, False), (15, date(2026, 11, 15), None, True),
        (15, date(2026, 11, 17), None, True), (15, date(2026, 11, 17), date(2026, 11, 15), False),
        (31, date(2026, 2, 27), None, False), (31, date(2026, 2, 28), None, True), (29, date(2028, 2, 29), None, True),
        (31, date(2026, 4, 30), date(2026, 3, 31), True), (1, date(2026, 12, 1), date(2026, 11, 1), True),
    ],
)  # fmt: skip
def test_the_day_of_a_month(day, today, checked, due):
    assert blocking.is_due(day, today, checked) is due


def test_without_a_room_of_invoices_the_condition_isn_t_offered(house, browser_for, carla, monkeypatch):
    monkeypatch.setattr(blocking, "_unpaid", [])
    path = reverse("people:edit_customer", args=[carla.pk])
    assert 'name="block_day"' not in browser_for(house.acme, "rita").get(path).content.decode()
    blocking.unpaid_invoices(lambda customer: True)
    assert 'name="block_day"' in browser_for(house.acme, "rita").get(path).content.decode()


def test_nothing_can_be_deleted_by_an_address():
    names = []

    def walk(patterns, namespace: str) -> None:
        for one in patterns:
            if hasattr(one, "url_patterns"):
                walk(one.url_patterns, one.namespace or namespace)
            elif namespace in ("people", "devices", "signup", "billing"):
                names.append(str(one.name))

    walk(get_resolver("config.urls").url_patterns, "")
    # A group of resellers' permissions has neither calls nor money.
    assert [name for name in names if "delete" in name or "remove" in name] == ["remove_group"]


def test_a_customer_or_device_with_calls_is_never_deleted(house, carla, rows):
    with in_operator(house.acme):
        device, _ = create_device(Device(customer=carla, name="Desk"))
        unused, _ = create_device(Device(customer=carla, name="Unused"))
        rows.live(house.acme, customer_id=carla.pk, device_id=device.pk)
        with pytest.raises(ProtectedError):
            carla.delete()
        rows.call(house.acme, customer_id=carla.pk, device_id=device.pk)
        for deed in (carla.delete, device.delete, Customer.objects.all().delete, Device.objects.all().delete):
            with pytest.raises(ProtectedError):
                deed()
        assert Device.objects.count() == 2
        unused.delete()
        assert Device.objects.count() == 1


def test_a_customer_with_money_is_never_deleted(house, carla):
    from ledger.posting import new_source

    with in_operator(house.acme):
        empty = create_customer(Customer(name="Empty", currency="EUR"))
        move_money(carla, new_source(), "payment", Decimal(5), "x")
        move_money(carla, new_source(), "payment", Decimal(-5), "x")
        with pytest.raises(ProtectedError):
            carla.delete()
        empty.delete()
        assert list(Customer.objects.values_list("name", flat=True)) == ["Carla Ltd"]


def test_archived_still_calls_and_suspended_does_not(open_house):
    """20.1 number 26, by what the call engine reads."""
    from exchange.compile_book import compile_book
    from telecom.book import State

    with in_operator(open_house.acme):
        carla = Customer.objects.get(name="Carla Ltd")
        device, _ = create_device(Device(customer=carla, name="Desk"))
        archive(carla)
        carla.refresh_from_db()
        assert (carla.state, carla.archived_at is not None) == ("active", True)
    book = compile_book(open_house.acme.pk)
    assert book.customers[carla.pk].state is State.ACTIVE
    with in_operator(open_house.acme):
        suspend(carla)
        Device.objects.filter(pk=device.pk).update(state="suspended")
    book = compile_book(open_house.acme.pk)
    assert book.customers[carla.pk].state is not State.ACTIVE
    assert next(one for one in book.devices.values() if one.id == device.pk).state is not State.ACTIVE
