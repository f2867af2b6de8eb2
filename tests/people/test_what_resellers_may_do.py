"""Settings and areas: Olga's default, her groups, and each reseller; what counts, its origin, and that it holds."""

from __future__ import annotations

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction
from django.db.utils import IntegrityError

from portal.devices.create_device import create_device
from portal.devices.models import Device
from portal.people.models import Customer
from portal.signup.models import SignUpRules
from tenants.context import in_operator
from tenants.reseller_terms import AREAS, SETTINGS, ResellerGroup, ResellerTerms, Terms, terms_of

KEYS = [*(key for key, one in SETTINGS.items() if one.built), *AREAS]
DEFAULT = "/reseller-terms/default/"


def form(**said) -> dict[str, str]:
    return dict.fromkeys(KEYS, "") | said


def page_of(house, operator) -> str:
    with in_operator(house.root):
        return f"/customers/{Customer.objects.get(operator_id=operator.pk).pk}/reseller/"


def found(operator, key: str):
    with in_operator(operator):
        one = terms_of(operator).effective(key)
    return one.value, one.origin


def new_group(olga, house, name: str = "Small", **said) -> int:
    assert olga.post("/reseller-terms/groups/new/", form(name=name, description="", **said)).status_code == 302
    with in_operator(house.root):
        return ResellerGroup.objects.get(name=name).pk


def test_the_nearest_word_counts_and_its_origin_is_shown(house, browser_for):
    olga = browser_for(house.root, "olga")
    assert found(house.acme, "renew_secrets") == (True, "built-in")
    olga.post(DEFAULT, form(renew_secrets="no"))
    assert found(house.acme, "renew_secrets") == (False, "default")
    group = new_group(olga, house, renew_secrets="yes", devices="read")
    assert olga.post(page_of(house, house.acme), form(group=group)).status_code == 302
    assert found(house.acme, "renew_secrets") == (True, "group")
    assert found(house.beta, "renew_secrets") == (False, "default")
    page = olga.get(page_of(house, house.acme)).content.decode()
    assert "Counts now: Yes, from its group." in page
    assert "Counts now: Only look, from its group." in page
    assert "Counts now: Open and change, as delivered." in page
    olga.post(page_of(house, house.acme), form(group=group, renew_secrets="no"))
    assert found(house.acme, "renew_secrets") == (False, "reseller")
    olga.post(page_of(house, house.acme), form(group=group))
    assert found(house.acme, "renew_secrets") == (True, "group")


PAGES = {
    "customers": "/customers/", "devices": "/devices/", "calls": "/calls/", "money": "/billing/above/",
    "tariffs": "/tariffs/", "numbers": "/numbers/", "routing": "/routing/providers/",
}  # fmt: skip
WRITES = {
    "customers": "/customers/new/", "devices": "/devices/new/", "tariffs": "/tariffs/new/", "numbers": "/numbers/",
}  # fmt: skip


@pytest.mark.parametrize("area", PAGES)
def test_a_closed_area_is_403_and_out_of_the_menu(house, browser_for, area):
    operator, name = (house.beta, "ben") if area == "routing" else (house.acme, "rita")
    browser = browser_for(operator, name)
    assert browser.get(PAGES[area]).status_code == 200
    browser_for(house.root, "olga").post(page_of(house, operator), form(**{area: "none"}))
    assert browser.get(PAGES[area]).status_code == 403
    menu = browser.get("/dashboard/").content.decode()
    assert f'href="{PAGES[area]}"' not in menu.split("<main")[0]
    other = browser_for(house.acme, "rita") if operator is house.beta else browser_for(house.beta, "ben")
    assert other.get(PAGES[area]).status_code in (200, 404)


@pytest.mark.parametrize("area", WRITES)
def test_only_looking_is_no_changing(house, browser_for, area):
    rita = browser_for(house.acme, "rita")
    browser_for(house.root, "olga").post(page_of(house, house.acme), form(**{area: "read"}))
    assert rita.get(PAGES[area]).status_code == 200
    assert rita.post(WRITES[area], {"name": "New", "currency": "EUR"}).status_code == 403
    assert rita.get("/account/").status_code == 200
    # Its customers' own pages are theirs.
    assert browser_for(house.acme, "carla").get("/devices/").status_code == 200


def test_everything_closed_still_lets_people_in_and_out(house, browser_for):
    browser_for(house.root, "olga").post(page_of(house, house.acme), form(**dict.fromkeys(AREAS, "none")))
    rita = browser_for(house.acme)
    assert rita.post("/sign-in/", {"username": "rita", "password": "correct horse battery"}).status_code == 302
    for path in ("/dashboard/", "/account/", "/account/password/"):
        assert rita.get(path).status_code == 200, path
    assert rita.get("/cms/").status_code == 403
    assert rita.post("/sign-out/").status_code == 302


def test_what_olga_forbids_holds(house, browser_for):
    with in_operator(house.acme):
        device, _ = create_device(Device(customer=Customer.objects.get(), name="Desk"))
        SignUpRules.objects.create(enabled=True)
    rita, carla = browser_for(house.acme, "rita"), browser_for(house.acme, "carla")
    assert browser_for(house.acme).get("/sign-up/").status_code == 200
    assert rita.post(f"/devices/{device.pk}/secret/").status_code == 302
    browser_for(house.root, "olga").post(DEFAULT, form(sign_up="no", renew_secrets="no"))
    assert browser_for(house.acme).get("/sign-up/").status_code == 404
    for browser in (rita, carla):
        assert browser.post(f"/devices/{device.pk}/secret/").status_code == 403
        assert "Renew secret" not in browser.get(f"/devices/{device.pk}/").content.decode()


def test_rita_and_ben_never_set_their_own_or_each_other_s(house, browser_for):
    olga = browser_for(house.root, "olga")
    group = new_group(olga, house)
    olga.post(page_of(house, house.acme), form(group=group, devices="read"))
    for operator, name in ((house.acme, "rita"), (house.beta, "ben")):
        browser = browser_for(operator, name)
        assert browser.get(f"/reseller-terms/groups/{group}/").status_code == 404
        assert browser.post(f"/reseller-terms/groups/{group}/remove/").status_code == 404
        assert browser.post(page_of(house, house.acme), form(devices="write")).status_code in (403, 404)
        # Their default is for those below them.
        browser.post(DEFAULT, form(devices="write"))
    assert found(house.acme, "devices") == ("read", "reseller")
    with in_operator(house.acme):
        assert not ResellerTerms.objects.filter(operator_id=house.root.pk).exists()
        for wrong in (
            lambda: ResellerTerms.objects.create(operator_id=house.root.pk, reseller_id=house.acme.pk, values={}),
            lambda: ResellerTerms.objects.create(operator_id=house.acme.pk, reseller_id=house.beta.pk, values={}),
            lambda: ResellerTerms.objects.create(operator_id=house.acme.pk, reseller_id=0, group_id=group),
            lambda: terms_of(house.beta),
        ):
            with pytest.raises((ProgrammingError, IntegrityError, InternalError)), transaction.atomic():
                wrong()


def test_customers_and_colleagues_of_others_don_t_see_the_pages(house, browser_for):
    for path in ("/reseller-terms/", DEFAULT, "/reseller-terms/groups/new/", page_of(house, house.acme)):
        assert browser_for(house.root, "petra").get(path).status_code == 403, path
        assert browser_for(house.root, "olga").get(path).status_code == 200, path


def test_a_group_in_use_stays(house, browser_for):
    olga = browser_for(house.root, "olga")
    group = new_group(olga, house)
    olga.post(page_of(house, house.acme), form(group=group))
    answer = olga.post(f"/reseller-terms/groups/{group}/remove/", follow=True)
    assert "Resellers are in this group" in answer.content.decode()
    olga.post(page_of(house, house.acme), form())
    olga.post(f"/reseller-terms/groups/{group}/remove/")
    with in_operator(house.root):
        assert not ResellerGroup.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"name": "x" * 61}, {"name": "a\nb"}, {"name": "Small"}, {"devices": "all"}, {"sign_up": "true"},
     {"description": "‮x"}],
)  # fmt: skip
def test_a_bad_group_is_refused(house, browser_for, wrong):
    olga = browser_for(house.root, "olga")
    new_group(olga, house)
    answer = olga.post("/reseller-terms/groups/new/", form(name="Other", description="") | wrong)
    assert answer.status_code == 422
    with in_operator(house.root):
        assert ResellerGroup.objects.count() == 1


def test_along_the_chain_the_strictest_counts():
    levels = ({"reseller": {"devices": "write", "sign_up": True}}, {"default": {"devices": "read", "sign_up": False}})
    terms = Terms(levels)
    assert (terms.effective("devices").value, terms.effective("devices").origin) == ("read", "above")
    assert (terms.value("sign_up"), terms.value("customers")) == (False, "write")
    nonsense = Terms(({"reseller": {"devices": "everything", "sign_up": "yes"}, "group": {"devices": "none"}},))
    assert (nonsense.value("devices"), nonsense.value("sign_up")) == ("none", True)


def test_a_page_costs_one_query_more(house, browser_for, django_assert_max_num_queries):
    rita = browser_for(house.acme, "rita")
    rita.get("/devices/")
    with connection.execute_wrapper(_counting := _Counter()):
        rita.get("/devices/")
    assert _counting.terms == 1


class _Counter:
    terms = 0

    def __call__(self, execute, sql, params, many, context):
        self.terms += "reseller_terms(" in sql
        return execute(sql, params, many, context)
