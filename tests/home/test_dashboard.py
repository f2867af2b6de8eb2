"""The dashboard: today's figures in the operator's day and currency, live calls, and the way on when it is empty."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.cache import cache

from ledger.posting import new_source
from portal.billing.move_money import move_money
from portal.devices.create_device import create_device
from portal.devices.models import Device
from portal.home.today import day_begins
from portal.people.create_customer import create_customer
from portal.people.models import Customer, User
from tenants.context import in_operator
from tenants.models import Operator


@pytest.fixture(autouse=True)
def _nothing_kept(house):
    for operator in vars(house).values():
        with in_operator(operator):
            cache.clear()


@pytest.mark.parametrize(
    ("zone", "now", "began"),
    [
        ("UTC", "2026-11-23T05:00:00Z", "2026-11-23T00:00:00Z"),
        ("Asia/Tokyo", "2026-11-23T14:59:00Z", "2026-11-22T15:00:00Z"),
        ("Asia/Tokyo", "2026-11-23T15:00:00Z", "2026-11-23T15:00:00Z"),
        # The day summer time ends in Berlin has 25 hours.
        ("Europe/Berlin", "2026-10-25T22:59:00Z", "2026-10-24T22:00:00Z"),
    ],
)
def test_a_day_begins_at_midnight_where_the_operator_is(zone, now, began):
    found = day_begins(Operator(timezone=zone), datetime.fromisoformat(now))
    assert found.astimezone(UTC) == datetime.fromisoformat(began)


def test_today_s_figures(house, browser_for, rows):
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    rows.call(house.acme, now - timedelta(hours=1))
    rows.call(house.acme, now - timedelta(hours=2), sell_base=Decimal(2), buy_base=Decimal(3))
    rows.call(house.acme, now - timedelta(hours=20))
    rows.call(house.beta, now - timedelta(hours=1), sell_base=Decimal(77))
    with time_machine.travel(now, tick=False):
        answer = browser_for(house.acme, "rita").get("/dashboard/")
    today = answer.context["today"]
    assert (today["calls"], today["seconds"]) == (2, 120)
    assert (today["revenue"], today["cost"], today["profit"]) == (Decimal("2.10"), Decimal("3.06"), Decimal("-0.96"))
    assert "\u22120.96" in answer.content.decode()
    assert "EUR" in answer.content.decode()


def test_kept_figures_are_the_operator_s_own(house, browser_for, rows):
    rows.call(house.acme, datetime.now(UTC) - timedelta(seconds=1))
    assert browser_for(house.acme, "rita").get("/dashboard/today/").context["today"]["calls"] == 1
    assert browser_for(house.beta, "ben").get("/dashboard/today/").context["today"]["calls"] == 0


def test_live_calls_are_listed_for_whom_they_concern(house, browser_for, rows):
    with in_operator(house.acme):
        carla = Customer.objects.get(name="Carla Ltd").pk
    rows.live(house.acme, customer_id=carla, called="4420<b>7")
    rows.live(house.acme, "ringing", customer_id=carla + 1, customer="Rival", called="49999")
    rows.live(house.acme, "ended", customer_id=carla, called="48888")
    ritas = browser_for(house.acme, "rita").get("/dashboard/live/").content.decode()
    assert "4420&lt;b&gt;7" in ritas
    assert "Rival" in ritas
    assert "48888" not in ritas
    carlas = browser_for(house.acme, "carla").get("/dashboard/").content.decode()
    assert "4420&lt;b&gt;7" in carlas
    assert "49999" not in carlas
    assert "Rival" not in carlas
    assert "4420" not in browser_for(house.beta, "ben").get("/dashboard/live/").content.decode()


def test_the_way_to_the_first_call_is_shown_until_there_is_one(house, browser_for, rows):
    steps = browser_for(house.acme, "rita").get("/dashboard/").context["steps"]
    assert [(step.title, step.done) for step in steps] == [
        ("Make a price list", False), ("Add a customer", True), ("Add a device", False)
    ]  # fmt: skip
    assert browser_for(house.beta, "ben").get("/dashboard/").context["steps"][0].title == "Connect a provider"
    rows.call(house.acme)
    assert "steps" not in browser_for(house.acme, "rita").get("/dashboard/").context


def test_carla_s_dashboard_is_her_balance_devices_and_calls(house, browser_for, rows):
    with in_operator(house.acme):
        carla = Customer.objects.get(name="Carla Ltd")
        move_money(carla, new_source(), "payment", Decimal("12.34"), "x")
        create_device(Device(customer=carla, name="Her desk"))
        create_device(Device(customer=create_customer(Customer(name="Rival", currency="EUR")), name="Their desk"))
    rows.call(house.acme, datetime.now(UTC), customer_id=carla.pk, sell=Decimal("0.25"), buy_base=Decimal("0.1199"))
    page = browser_for(house.acme, "carla").get("/dashboard/").content.decode()
    assert "12.34" in page
    assert "0.25" in page
    assert "Her desk" in page
    assert not [word for word in ("Their desk", "Revenue", "Profit", "Cost", "Customers", "Tariffs") if word in page]


def test_a_suspended_customer_is_told(house, browser_for):
    with in_operator(house.acme):
        Customer.objects.filter(name="Carla Ltd").update(state="suspended")
    page = browser_for(house.acme, "carla").get("/dashboard/").content.decode()
    assert "You can't make calls at the moment." in page


def test_a_plain_reseller_has_no_carriers_in_its_menu(house, browser_for):
    def menu(operator, user: str) -> list[str]:
        groups = browser_for(operator, user).get("/dashboard/").context["nav"]
        return [item.label for group in groups for item in group.items]

    assert "Providers" not in menu(house.acme, "rita")
    assert "Providers" in menu(house.beta, "ben")
    assert "Our account" not in menu(house.root, "olga")
    assert menu(house.acme, "carla") == ["Dashboard", "Calls", "Devices", "Statement"]


def test_the_dashboard_s_cost_is_bounded(house, browser_for, rows, django_assert_max_num_queries):
    for _ in range(60):
        rows.live(house.acme)
    rita = browser_for(house.acme, "rita")
    with django_assert_max_num_queries(12):
        page = rita.get("/dashboard/").content.decode()
    assert "The newest 50 calls are shown." in page


def test_every_menu_entry_opens(house, browser_for):
    for operator, user in ((house.root, "olga"), (house.acme, "rita"), (house.beta, "ben"), (house.acme, "carla")):
        browser = browser_for(operator, user)
        context = browser.get("/dashboard/").context
        links = [item.url for group in context["nav"] for item in group.items]
        for link in [*links, *(item.url for item in context["user_menu"])]:
            assert browser.get(link).status_code == 200, (user, link)


def test_times_are_shown_in_the_operator_s_zone_when_the_user_has_none(house, browser_for, rows):
    rows.call(house.acme, datetime(2026, 11, 20, 23, 30, tzinfo=UTC))
    with in_operator(house.acme):
        Operator.objects.filter(pk=house.acme.pk).update(timezone="Europe/Vilnius")
        assert User.objects.get(username="rita").timezone == ""
    assert "21 Nov 2026, 01:30:00" in browser_for(house.acme, "rita").get("/calls/").content.decode()
