"""Locations and rules are for the people of the operator itself, and each operator's only."""

from __future__ import annotations

import pytest
from django.urls import reverse

from portal.numbers.models import Location, Rule
from tenants.context import in_operator

NUMBER = 77_001
ROWS = {"rules-TOTAL_FORMS": "0", "rules-INITIAL_FORMS": "0"}
READ = [("list", ()), ("new", ()), ("rule_row", ()), ("location", (NUMBER,)), ("rule", (NUMBER,))]
DEEDS = [("delete", (NUMBER,)), ("try", ())]
# Who may copy at all is tested in test_copies.py.
COPIES = [("above", ()), ("copy", ()), ("pull", (NUMBER,))]


@pytest.fixture
def stocked(house):
    """Root and acme both have a location of the same number, of other names."""
    for operator, name in ((house.root, "Root's Italy"), (house.acme, "Acme's Italy")):
        with in_operator(operator):
            place = Location.objects.create(pk=NUMBER, name=name)
            Rule.objects.create(pk=NUMBER, location=place, name=name, cut="00", min_length=8)
    return house


def test_every_address_of_the_room_is_in_these_lists():
    from portal.numbers.urls import urlpatterns

    assert {pattern.name for pattern in urlpatterns} == {name for name, _args in READ + DEEDS + COPIES}


@pytest.mark.parametrize(("name", "args"), READ)
def test_staff_of_the_operator_opens_the_page(stocked, browser_for, name, args):
    answer = browser_for(stocked.acme, "rita").get(reverse(f"numbers:{name}", args=args))
    assert answer.status_code == 200 and "Root's" not in answer.content.decode()


@pytest.mark.parametrize(("name", "args"), READ + DEEDS + COPIES)
def test_a_customer_is_refused(stocked, browser_for, name, args):
    carla = browser_for(stocked.acme, "carla")
    url = reverse(f"numbers:{name}", args=args)
    assert carla.get(url).status_code == 403 and carla.post(url, ROWS).status_code == 403


@pytest.mark.parametrize(("name", "args"), READ + DEEDS + COPIES)
def test_a_visitor_is_sent_to_sign_in(stocked, browser_for, name, args):
    visitor = browser_for(stocked.acme)
    url = reverse(f"numbers:{name}", args=args)
    for answer in (visitor.get(url), visitor.post(url, ROWS)):
        assert answer.status_code == 302 and answer["location"].startswith("/sign-in/")


@pytest.mark.parametrize(("name", "args"), [case for case in READ + DEEDS if NUMBER in case[1]])
def test_a_strangers_row_is_not_there(stocked, browser_for, name, args):
    ben = browser_for(stocked.beta, "ben")
    url = reverse(f"numbers:{name}", args=args)
    assert ben.get(url).status_code in (404, 405) and ben.post(url, ROWS).status_code == 404


def test_trying_in_a_strangers_location_is_refused(stocked, browser_for):
    ben = browser_for(stocked.beta, "ben")
    assert ben.post(reverse("numbers:try"), ROWS | {"location": str(NUMBER), "try_called": "1"}).status_code == 404


def test_deleting_here_leaves_the_strangers_row_of_the_same_number(stocked, browser_for):
    browser_for(stocked.acme, "rita").post(reverse("numbers:delete", args=[NUMBER]))
    with in_operator(stocked.acme):
        assert not Location.objects.filter(pk=NUMBER).exists()
    with in_operator(stocked.root):
        assert Location.objects.get(pk=NUMBER).rules.count() == 1
