"""Every address of the portal, taken from the URLconf itself: a new page without a guard fails here.

Told with rita (acme's own), carla (a customer's user of acme), ben (of another operator, whose rows have the very same
numbers) and nobody at all.
"""

from __future__ import annotations

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.views.generic import RedirectView

from portal.devices.create_device import create_device
from portal.devices.models import Device
from portal.people.models import Customer, User
from tenants.context import in_operator

# Whoever is not signed in may see these and no others.
PUBLIC = {
    "people:sign_in", "people:sign_out", "people:forgotten", "people:reset_sent", "people:new_password",
    "people:password_changed", "home:brand",
    "branding:manifest", "branding:picture", "branding:legal_text",
    "signup:sign_up", "signup:sent", "signup:approval", "signup:confirm", "signup:welcome", "signup:agreement",
}  # fmt: skip
# A customer's user may open these besides; what they show is tested by itself.
FOR_CUSTOMERS = {
    "people:account", "people:own_password", "home:dashboard", "home:live_part", "home:today_part", "history:list",
    "history:totals", "history:export", "history:call", "devices:list", "devices:device", "devices:renew",
    "billing:own", "signup:agree",
}  # fmt: skip
ROOMS = (
    "home", "people", "history", "devices", "numbers", "tariffs", "routing", "billing", "branding", "signup",
    "resellers",
)  # fmt: skip


def addresses() -> list[tuple[str, tuple[str, ...]]]:
    """Names of all addresses of the rooms, with the names of their parameters."""
    found = []

    def walk(patterns, namespace: str) -> None:
        for one in patterns:
            if isinstance(one, URLResolver):
                walk(one.url_patterns, one.namespace or namespace)
            # What only sends on to another address shows nothing.
            elif namespace in ROOMS and getattr(one.callback, "view_class", None) is not RedirectView:
                assert one.name, f"An address of {namespace} has no name."
                found.append((f"{namespace}:{one.name}", tuple(one.pattern.converters)))

    walk(get_resolver("config.urls").url_patterns, "")
    return sorted(set(found))


ALL = addresses()
GUARDED = [one for one in ALL if one[0] not in PUBLIC]


def address(name: str, parameters: tuple[str, ...], number: int = 1) -> str:
    return reverse(name, kwargs={one: "EUR" if one == "code" else number for one in parameters})


def test_all_rooms_were_looked_at():
    assert {name.partition(":")[0] for name, _ in ALL} == set(ROOMS)
    assert len(ALL) > 40


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_gets_past_the_sign_in_page(house, browser_for, method):
    nobody = browser_for(house.acme)
    for name, parameters in GUARDED:
        answer = getattr(nobody, method)(address(name, parameters))
        assert (answer.status_code, answer.headers.get("location", "")[:9]) == (302, "/sign-in/"), name


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_customer_s_user_opens_nothing_of_the_operator_s(house, browser_for, method):
    carla = browser_for(house.acme, "carla")
    for name, parameters in GUARDED:
        if name not in FOR_CUSTOMERS:
            assert getattr(carla, method)(address(name, parameters)).status_code in (403, 404), name


def test_a_customer_s_user_opens_its_own_pages(house, browser_for):
    carla = browser_for(house.acme, "carla")
    for name in ("home:dashboard", "history:list", "devices:list", "billing:own", "people:account"):
        assert carla.get(reverse(name)).status_code == 200, name


def test_rita_opens_every_page_of_her_own_customer(house, browser_for):
    with in_operator(house.acme):
        carla = User.objects.get(username="carla")
        device, _ = create_device(Device(customer=carla.customer, name="Desk"))
    rita = browser_for(house.acme, "rita")
    for name in ("people:customer", "people:edit_customer", "people:new_user", "billing:statement", "billing:move"):
        assert rita.get(reverse(name, args=[carla.customer_id])).status_code == 200, name
    for name in ("devices:device", "devices:edit"):
        assert rita.get(reverse(name, args=[device.pk])).status_code == 200, name


def test_a_stranger_with_the_same_numbers_finds_nothing_of_acme_s(house, browser_for):
    with in_operator(house.acme):
        customer = Customer.objects.create(name="Only at Acme", currency="EUR", pk=900_001)
        user = User.objects.create_user("only", role="customer", customer=customer, id=900_001)
        Device.objects.create(customer=customer, name="Only", pk=900_001)
    ben = browser_for(house.beta, "ben")
    for name, parameters in GUARDED:
        if parameters and name.partition(":")[0] in ("people", "history", "devices", "billing"):
            path = address(name, parameters, user.pk)
            assert ben.get(path).status_code in (404, 405), name
            assert ben.post(path, {"name": "mine now", "amount": "1"}).status_code in (404, 405), name
    with in_operator(house.acme):
        customer.refresh_from_db()
        assert (customer.name, customer.state, customer.archived_at) == ("Only at Acme", "active", None)


def test_a_page_planted_without_a_guard_would_be_found(house, browser_for, monkeypatch):
    from portal.history import views

    pattern = next(one for one in _patterns("portal.history.urls") if one.name == "list")
    monkeypatch.setattr(pattern, "callback", views.calls.__wrapped__)
    with pytest.raises((AssertionError, AttributeError)):
        test_nobody_gets_past_the_sign_in_page(house, browser_for, "get")


def _patterns(module: str) -> list[URLPattern]:
    import importlib

    return importlib.import_module(module).urlpatterns
