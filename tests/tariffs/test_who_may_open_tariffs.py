"""Tariffs are for the people of the operator itself, and each operator's only."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from portal.tariffs.models import Currency, Rate, RateUpload, Tariff
from tenants.context import in_operator

NUMBER = 77_001


@pytest.fixture
def stocked(house):
    """Root and acme both have a tariff, a rate and an upload of the same number, of other names and prices."""
    for operator, name, price in ((house.root, "Root's prices", "1"), (house.acme, "Acme's prices", "2")):
        with in_operator(operator):
            tariff = Tariff.objects.create(pk=NUMBER, name=name, currency=operator.currency)
            Rate.objects.create(pk=NUMBER, tariff=tariff, prefix="370", destination=name, price=Decimal(price))
            RateUpload.objects.create(
                pk=NUMBER, tariff=tariff, mode="add", file_name=name, content=b"",
                summary={"new": 0, "changed": 0, "same": 1, "removed": 0, "changes": [], "removals": []},
            )  # fmt: skip
            Currency.objects.create(code="GBP", rate=Decimal(price))
    return house


READ = [
    ("list", ()), ("new", ()), ("find", ()), ("currencies", ()), ("currency", ("GBP",)), ("rates", (NUMBER,)),
    ("edit", (NUMBER,)), ("download", (NUMBER,)), ("add_rate", (NUMBER,)), ("rate", (NUMBER, NUMBER)),
    ("upload", (NUMBER,)), ("confirm_upload", (NUMBER, NUMBER)),
]  # fmt: skip
DEEDS = [
    ("delete", (NUMBER,)), ("delete_currency", ("GBP",)), ("block_rate", (NUMBER, NUMBER)),
    ("delete_rate", (NUMBER, NUMBER)), ("discard_upload", (NUMBER, NUMBER)),
]  # fmt: skip


def test_every_address_of_the_room_is_in_these_lists():
    from portal.tariffs.urls import urlpatterns

    assert {pattern.name for pattern in urlpatterns} == {name for name, _args in READ + DEEDS}


@pytest.mark.parametrize(("name", "args"), READ)
def test_staff_of_the_operator_opens_the_page(stocked, browser_for, name, args):
    answer = browser_for(stocked.acme, "rita").get(reverse(f"tariffs:{name}", args=args))
    assert answer.status_code == 200
    assert "Root's" not in answer.content.decode()


@pytest.mark.parametrize(("name", "args"), READ + DEEDS)
def test_a_customer_is_refused(stocked, browser_for, name, args):
    carla = browser_for(stocked.acme, "carla")
    url = reverse(f"tariffs:{name}", args=args)
    assert carla.get(url).status_code == 403
    assert carla.post(url, {"blocked": "yes"}).status_code == 403
    with in_operator(stocked.acme):
        assert Rate.objects.get(pk=NUMBER).blocked is False


@pytest.mark.parametrize(("name", "args"), READ + DEEDS)
def test_a_visitor_is_sent_to_sign_in(stocked, browser_for, name, args):
    visitor = browser_for(stocked.acme)
    url = reverse(f"tariffs:{name}", args=args)
    for answer in (visitor.get(url), visitor.post(url)):
        assert answer.status_code == 302 and answer["location"].startswith("/sign-in/")
    with in_operator(stocked.acme):
        assert Rate.objects.filter(pk=NUMBER).exists()


@pytest.mark.parametrize(("name", "args"), [case for case in READ + DEEDS if NUMBER in case[1] or "GBP" in case[1]])
def test_a_strangers_row_is_not_there(stocked, browser_for, name, args):
    """Ben's operator has no such rows; root's and acme's of the same number are nothing to him."""
    ben = browser_for(stocked.beta, "ben")
    url = reverse(f"tariffs:{name}", args=args)
    assert ben.get(url).status_code in (404, 405)
    assert ben.post(url).status_code in (404, 405)


@pytest.mark.parametrize(("name", "args"), DEEDS)
def test_a_deed_is_done_in_ones_own_books_only(stocked, browser_for, name, args):
    rita = browser_for(stocked.acme, "rita")
    assert rita.get(reverse(f"tariffs:{name}", args=args)).status_code == 405
    rita.post(reverse(f"tariffs:{name}", args=args), {"blocked": "yes"})
    with in_operator(stocked.root):
        assert Rate.objects.get(pk=NUMBER).blocked is False
        assert RateUpload.objects.filter(pk=NUMBER).exists() and Currency.objects.filter(pk="GBP").exists()
        assert Tariff.objects.get(pk=NUMBER).name == "Root's prices"


def test_a_session_of_one_operator_opens_nothing_at_another(stocked, browser_for):
    rita = browser_for(stocked.acme, "rita")
    answer = rita.get(reverse("tariffs:list"), headers={"host": stocked.root.main_domain})
    assert answer.status_code == 302 and "Root's" not in answer.content.decode()
