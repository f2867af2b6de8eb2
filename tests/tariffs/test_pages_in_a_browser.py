"""The pages of prices, routes and numbers on a phone and on a desktop: nothing sticks out, and nobody is left out."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.conf import settings

from calls.destinations import Destination
from portal.numbers.models import Location
from portal.routing.create_provider import create_provider
from portal.routing.models import Lcr, Provider
from portal.tariffs.models import Currency, Rate, Tariff
from tenants.context import in_operator
from tests.browser.conftest import chromium, site  # noqa: F401 (fixtures)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def stocked(site):  # noqa: F811
    with in_operator(site.beta):
        Currency.objects.create(code="GBP", rate=Decimal("1.17"))
        retail = Tariff.objects.create(name="Retail prices of the whole world, autumn and winter", currency="USD")
        costs = Tariff.objects.create(name="Costs", purpose="buy", currency="USD")
        rates = [
            Rate(
                tariff=retail,
                prefix=one.prefix,
                destination=one.name,
                price=Decimal("0.0125"),
                blocked=one.prefix == "370",
            )
            for one in Destination.objects.filter(prefix__gte="37", prefix__lt="38")[:80]
        ]
        Rate.objects.bulk_create(rates)
        provider = create_provider(Provider(name="Baltic Carrier", host="sip.carrier.example", tariff=costs))
        provider.rules.create(add="00", min_length=8)
        lcr = Lcr.objects.create(name="Standard")
        lcr.entries.create(provider=provider)
        milan = Location.objects.create(name="Milan office")
        milan.rules.create(name="International", cut="00", min_length=10, max_length=17)
    site.pages = [
        "/tariffs/", "/tariffs/new/", "/tariffs/find/?number=37061234567", "/tariffs/currencies/",
        "/tariffs/currencies/GBP/",
        f"/tariffs/{retail.pk}/", f"/tariffs/{costs.pk}/", f"/tariffs/{retail.pk}/settings/",
        f"/tariffs/{retail.pk}/upload/",
        f"/tariffs/{retail.pk}/rates/{rates[0].pk}/", f"/tariffs/{retail.pk}/rates/new/", "/routing/providers/",
        "/routing/providers/new/", f"/routing/providers/{provider.pk}/", "/routing/lcrs/", f"/routing/lcrs/{lcr.pk}/",
        "/numbers/", f"/numbers/{milan.pk}/",
    ]  # fmt: skip
    site.milan, site.retail = milan, retail
    return site


@pytest.fixture
def open_page(stocked, chromium, browser_for):  # noqa: F811
    """`open_page(width)` is a window that ben is signed in at."""
    opened = []

    def make(width: int):
        context = chromium.new_context(viewport={"width": width, "height": 800})
        name = settings.SESSION_COOKIE_NAME
        session = browser_for(stocked.beta, "ben").cookies[name].value
        context.add_cookies([{"name": name, "value": session, "domain": stocked.beta.main_domain, "path": "/"}])
        opened.append(context)
        return context.new_page()

    yield make
    for context in opened:
        context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_fits_and_has_no_barrier(stocked, open_page, width):
    from axe_playwright_python.sync_playwright import Axe

    page, found = open_page(width), {}
    for path in stocked.pages:
        assert page.goto(stocked.url(stocked.beta, path)).status == 200
        barriers = [one["id"] for one in Axe().run(page).response["violations"]]
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if barriers or wider > 0:
            found[path] = (barriers, wider)
    assert found == {}


def test_a_rule_is_written_tried_and_saved_with_the_keyboard_alone(stocked, open_page):
    page = open_page(1280)
    page.goto(stocked.url(stocked.beta, f"/numbers/{stocked.milan.pk}/"))
    page.get_by_role("button", name="Add a row").focus()
    page.keyboard.press("Enter")
    page.locator("[name=rules-2-kind]:focus").wait_for()
    for words in ("", "National", "0", "39", "9"):
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    page.locator("#try_called").focus()
    page.keyboard.type("0612345678")
    page.locator("#tried", has_text="39612345678").wait_for()
    assert "National" in page.locator("#tried").inner_text()
    page.locator("[name=rules-2-add]").fill("44")
    page.locator("#tried", has_text="44612345678").wait_for()
    page.get_by_role("button", name="Save location").focus()
    page.keyboard.press("Enter")
    page.get_by_text("The location and its rules were saved").wait_for()
    with in_operator(stocked.beta):
        assert stocked.milan.rules.get(name="National").add == "44"


def test_a_price_list_is_sent_looked_at_and_applied(stocked, open_page):
    page = open_page(390)
    page.goto(stocked.url(stocked.beta, f"/tariffs/{stocked.retail.pk}/upload/"))
    file = {"name": "prices.csv", "mimeType": "text/csv", "buffer": b"prefix;price\n370;-1\n"}
    page.set_input_files("[name=file]", file)
    page.get_by_role("button", name="Check the file").click()
    page.get_by_text("A price can't be negative.").wait_for()
    page.set_input_files("[name=file]", file | {"buffer": b"prefix;price\n370;0,5\n999;0,1\n"})
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name="Apply the changes").click()
    page.get_by_text("2 rates were changed.").wait_for()
    with in_operator(stocked.beta):
        assert Rate.objects.in_force().get(tariff=stocked.retail, prefix="370").price == Decimal("0.5")
