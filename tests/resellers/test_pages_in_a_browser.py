"""The pages between operators on a phone and on a desktop: nothing sticks out, nobody is left out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from portal.numbers.copy_rules import copy_rules
from portal.numbers.models import Location, Rule
from portal.routing.common_use import associate_all
from portal.routing.models import CommonUse, Lcr, LcrEntry
from tenants.context import in_operator
from tests.browser.conftest import chromium, site  # noqa: F401 (fixtures)
from tests.resellers.worlds import common_provider, global_rule, row_of, tariff

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("SCREENSHOTS")


@pytest.fixture(scope="module")
def stocked(site):  # noqa: F811
    root, acme, beta = site.root, site.acme, site.beta
    carrier, price = common_provider(root, "Atlantic Carrier International"), tariff(root, "Wholesale to PROs", "0.7")
    own = tariff(root, "Special", "1")
    rule = global_rule(root, name="National numbers", cut="86", add="3706", min_length=9, max_length=9, tariff=own)
    with in_operator(root):
        associate_all(price)
        agreed = CommonUse.objects.get()
        Lcr.objects.create(name="Best of all").entries.create(provider=carrier)
    with in_operator(beta):
        lcr = Lcr.objects.create(name="Standard", order="priority")
        LcrEntry.objects.create(lcr=lcr, common_provider_id=carrier.pk)
        LcrEntry.objects.create(lcr=lcr, priority=1)
    with in_operator(acme):
        copy_rules(replace=True)
        copied = Rule.objects.get()
        place = Location.objects.standard()
    with in_operator(root):
        Rule.objects.filter(pk=rule.pk).update(add="3707")
    global_rule(root, name="International", cut="00", min_length=10)
    connection.set_schema_to_public()
    plain, pro = row_of(root, acme), row_of(root, beta)
    site.pages = {
        "olga": (root, [
            "/operators/", f"/operators/{plain.pk}/", f"/operators/{pro.pk}/", "/operators/common/",
            f"/operators/common/{agreed.pk}/", f"/routing/providers/{carrier.pk}/", f"/numbers/rules/{rule.pk}/",
        ]),
        "ben": (beta, [
            "/routing/offers/", f"/routing/offers/{carrier.pk}/", "/routing/lcrs/", f"/routing/lcrs/{lcr.pk}/",
            "/numbers/above/",
        ]),
        "rita": (acme, [
            "/numbers/", "/numbers/above/", f"/numbers/{place.pk}/", f"/numbers/rules/{copied.pk}/",
        ]),
    }  # fmt: skip
    site.plain = plain
    return site


@pytest.fixture
def open_page(stocked, chromium, browser_for):  # noqa: F811
    """`open_page(width, user)` is a window that somebody is signed in at."""
    opened = []

    def make(width: int, user: str):
        operator = stocked.pages[user][0]
        context = chromium.new_context(viewport={"width": width, "height": 900})
        name = settings.SESSION_COOKIE_NAME
        session = browser_for(operator, user).cookies[name].value
        context.add_cookies([{"name": name, "value": session, "domain": operator.main_domain, "path": "/"}])
        opened.append(context)
        return context.new_page()

    yield make
    for context in opened:
        context.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("user", ["olga", "ben", "rita"])
def test_every_page_fits_and_has_no_barrier(stocked, open_page, width, user):
    from axe_playwright_python.sync_playwright import Axe

    operator, paths = stocked.pages[user]
    page, found = open_page(width, user), {}
    for path in paths:
        assert page.goto(stocked.url(operator, path)).status == 200, path
        barriers = [one["id"] for one in Axe().run(page).response["violations"]]
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if barriers or wider > 0:
            found[path] = (barriers, wider)
        if SHOTS:
            name = f"resellers-{user}{path.replace('/', '-')}{width}.png"
            page.screenshot(path=Path(SHOTS) / name, full_page=True)
    assert found == {}


def test_a_rule_above_is_taken_over_and_copied_again_by_hand(stocked, open_page):
    page = open_page(390, "rita")
    page.goto(stocked.url(stocked.acme, "/numbers/above/"))
    page.get_by_text("2 rules differ from above").wait_for()
    page.get_by_role("button", name="Take it over").first.click()
    page.get_by_text("1 rule differs from above").wait_for()
    page.get_by_role("button", name="Copy", exact=True).click()
    page.get_by_role("button", name="Add missing").click()
    page.get_by_text("Every copy is as it stands above.").wait_for()
    with in_operator(stocked.acme):
        assert sorted(Rule.objects.values_list("cut", "add")) == [("00", ""), ("86", "3707")]


def test_nobody_becomes_a_pro_without_being_asked_twice(stocked, open_page):
    page = open_page(1280, "olga")
    page.goto(stocked.url(stocked.root, f"/operators/{stocked.plain.pk}/"))
    page.get_by_role("button", name="Make it a Reseller PRO").click()
    page.get_by_text("This can never be taken back").wait_for()
    page.get_by_role("button", name="Cancel").click()
    page.reload()
    page.get_by_role("button", name="Make it a Reseller PRO").wait_for()
