"""What else a rule changes, on its own page: and only the owner and PROs route by LCR or to a number."""

from __future__ import annotations

import pytest
from django.urls import reverse

from exchange.compile_book import compile_book
from portal.devices.create_device import create_device
from portal.devices.models import Device
from portal.numbers.models import Location, Rule
from portal.people.models import Customer
from portal.routing.models import Lcr
from portal.tariffs.models import Tariff
from telecom.localization import Effects, RuleKind
from tenants.context import in_operator

FIELDS = {
    "name": "R", "kind": "destination", "cut": "00", "add": "", "min_length": "9", "max_length": "20",
    "source_cut": "", "source_add": "", "source_min_length": "0", "source_max_length": "255", "enabled": "on",
}  # fmt: skip
NO_RULES = {"rules-TOTAL_FORMS": "0", "rules-INITIAL_FORMS": "0"}


def stocked(operator, person: str):
    with in_operator(operator):
        rule = Location.objects.create(name="Milan").rules.create(name="R", cut="00", min_length=9)
        customer = Customer.objects.get(name=person)
        device = create_device(Device(customer=customer, name="Desk")).device
        return rule, device, Tariff.objects.create(name="T", currency="USD"), Lcr.objects.create(name="L")


def test_a_pro_s_rule_changes_tariff_lcr_number_name_and_owner(open_house, browser_for):
    rule, device, tariff, lcr = stocked(open_house.beta, "Dan Ltd")
    ben = browser_for(open_house.beta, "ben")
    wanted = FIELDS | {
        "tariff": str(tariff.pk), "lcr": str(lcr.pk), "did": "37052000000", "caller_name": "Beta",
        "owner": device.username,
    }  # fmt: skip
    assert ben.post(reverse("numbers:rule", args=[rule.pk]), wanted).status_code == 302
    (compiled,) = compile_book(open_house.beta.pk).locations[rule.location_id].rules
    assert compiled.effects == Effects(tariff.pk, lcr.pk, "37052000000", "Beta", device.pk)
    assert device.username in ben.get(reverse("numbers:rule", args=[rule.pk])).content.decode()


def test_a_plain_reseller_s_rule_has_no_number_and_no_lcr(open_house, browser_for):
    rule, device, tariff, lcr = stocked(open_house.acme, "Carla Ltd")
    rita = browser_for(open_house.acme, "rita")
    form = rita.get(reverse("numbers:rule", args=[rule.pk])).context["form"]
    assert not {"did", "lcr"} & set(form.fields)
    wanted = FIELDS | {"tariff": str(tariff.pk), "lcr": str(lcr.pk), "did": "37052000000"}
    assert rita.post(reverse("numbers:rule", args=[rule.pk]), wanted).status_code == 302
    with in_operator(open_house.acme):
        rule.refresh_from_db()
        assert (rule.tariff_id, rule.lcr_id, rule.did) == (tariff.pk, None, "")
        Rule.objects.filter(pk=rule.pk).update(did="37052000000")
    (compiled,) = compile_book(open_house.acme.pk).locations[rule.location_id].rules
    assert compiled.effects.did == "", "not even when it stands in the database"


def test_a_rule_can_not_give_a_call_to_another_operator_s_device(house, browser_for):
    rule, _, _, _ = stocked(house.beta, "Dan Ltd")
    _, strangers, _, _ = stocked(house.acme, "Carla Ltd")
    answer = browser_for(house.beta, "ben").post(
        reverse("numbers:rule", args=[rule.pk]), FIELDS | {"owner": strangers.username}
    )
    assert answer.status_code == 422 and "No device of ours" in answer.content.decode()


def test_a_rule_for_both_numbers_keeps_its_caller_s_side(open_house, browser_for):
    rule, *_ = stocked(open_house.beta, "Dan Ltd")
    wanted = FIELDS | {"kind": "combined", "source_cut": "370", "source_add": "1", "source_min_length": "8"}
    assert browser_for(open_house.beta, "ben").post(reverse("numbers:rule", args=[rule.pk]), wanted).status_code == 302
    (compiled,) = compile_book(open_house.beta.pk).locations[rule.location_id].rules
    assert compiled.kind is RuleKind.COMBINED
    assert (compiled.source_cut, compiled.source_add, compiled.source_min_len) == ("370", "1", 8)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "combined", "cut": "0#"}, "don&#x27;t work in a Combined rule"),
        ({"max_length": "3"}, "can&#x27;t be less than the shortest"),
        ({"owner": "Desk"}, "SIP user name"), ({"did": "+1"}, "digits only"), ({"tariff": "999"}, "valid choice"),
        ({"caller_name": "=cmd"}, "begin a name"),
    ],
)  # fmt: skip
def test_a_faulty_rule_is_refused_in_words_and_nothing_changes(house, browser_for, change, words):
    rule, *_ = stocked(house.beta, "Dan Ltd")
    answer = browser_for(house.beta, "ben").post(
        reverse("numbers:rule", args=[rule.pk]), FIELDS | {"add": "9"} | change
    )
    assert answer.status_code == 422 and words in answer.content.decode()
    with in_operator(house.beta):
        rule.refresh_from_db()
        assert rule.add == ""


def test_the_table_of_a_location_leaves_what_else_a_rule_changes_alone(house, browser_for):
    rule, _, tariff, _ = stocked(house.beta, "Dan Ltd")
    with in_operator(house.beta):
        Rule.objects.filter(pk=rule.pk).update(tariff=tariff)
    row = {f"rules-0-{name}": value for name, value in FIELDS.items() if "source" not in name}
    table = {"name": "Milan", "rules-TOTAL_FORMS": "1", "rules-INITIAL_FORMS": "1", "rules-0-id": str(rule.pk)} | row
    url = reverse("numbers:location", args=[rule.location_id])
    assert browser_for(house.beta, "ben").post(url, table | {"rules-0-add": "5"}).status_code == 302
    with in_operator(house.beta):
        rule.refresh_from_db()
        assert (rule.add, rule.tariff_id) == ("5", tariff.pk)
    tried = browser_for(house.beta, "ben").post(reverse("numbers:try"), table | {"try_called": "0037061234567"})
    (fired,) = tried.context["tried"].result.fired
    assert fired.rule.effects.tariff_id == tariff.pk


def test_one_location_may_go_first(open_house, browser_for):
    ben = browser_for(open_house.beta, "ben")
    for name in ("First", "Second"):
        ben.post(
            reverse("numbers:new"),
            {"name": name, "goes_first": "on", "rules-TOTAL_FORMS": "0", "rules-INITIAL_FORMS": "0"},
        )
    with in_operator(open_house.beta):
        (first,) = Location.objects.filter(goes_first=True)
    assert first.name == "First" and compile_book(open_house.beta.pk).prelocation_id == first.pk
