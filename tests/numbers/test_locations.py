"""Rules are edited all at once in one table; what can't be or ties is refused, and what is in use stays."""

from __future__ import annotations

import pytest
from django.urls import reverse

from portal.devices.create_device import create_device
from portal.devices.models import Device
from portal.numbers.models import Location, Rule
from portal.people.models import Customer
from tenants.context import in_operator
from tenants.models import BookVersion

FIELDS = ("kind", "name", "cut", "add", "min_length", "max_length", "enabled", "id", "DELETE")
INTERNATIONAL = ("destination", "International", "00", "", "10", "17", "on")
NATIONAL = ("destination", "National", "0", "39", "9", "11", "on")
CALLER = ("caller_id", "Plus", "+", "", "8", "16", "on")


def table(*rules: tuple, kept: int = 0) -> dict[str, str]:
    made = {"name": "Milan", "rules-TOTAL_FORMS": str(len(rules)), "rules-INITIAL_FORMS": str(kept)}
    for row, rule in enumerate(rules):
        made |= {f"rules-{row}-{name}": value for name, value in zip(FIELDS, rule, strict=False) if value}
    return made


@pytest.fixture
def rita(house, browser_for):
    return browser_for(house.acme, "rita")


@pytest.fixture
def milan(house):
    with in_operator(house.acme):
        return Location.objects.create(name="Milan")


def page(location) -> str:
    return reverse("numbers:location", args=[location.pk])


def rules(operator) -> list[tuple[str, str, str, int]]:
    with in_operator(operator):
        return list(Rule.objects.values_list("name", "cut", "add", "position"))


def said(answer) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def test_a_location_is_made_with_its_rules(house, rita):
    empty = ("destination", "", "", "", "1", "20", "on")
    assert rita.post(reverse("numbers:new"), table(INTERNATIONAL, NATIONAL, CALLER, empty)).status_code == 302
    assert rules(house.acme) == [("Plus", "+", "", 2), ("International", "00", "", 0), ("National", "0", "39", 1)]
    assert rules(house.root) == []


def test_rules_are_changed_added_and_removed_in_one_go(house, rita, milan):
    with in_operator(house.acme):
        one = Rule.objects.create(location=milan, name="Old", cut="00", min_length=10)
        two = Rule.objects.create(location=milan, name="Gone", cut="1", min_length=10)
    rita.post(
        page(milan),
        table(
            (*INTERNATIONAL, str(one.pk)),
            ("destination", "Gone", "1", "", "10", "20", "on", str(two.pk), "on"),
            NATIONAL,
            kept=2,
        ),
    )
    assert rules(house.acme) == [("International", "00", "", 0), ("National", "0", "39", 2)]


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ((("destination", "Empty", "00", "", "1", "17", "on"),), "can leave nothing of the number"),
        ((("destination", "", "0012345", "1", "1", "5", "on"),), "can never fit"),
        ((("caller_id", "", "1x", "", "3", "9", "on"),), "not of a caller id"),
        ((INTERNATIONAL, ("destination", "Twin", "00", "1", "10", "17", "on")), "tie"),
        ((("destination", "A", "0x", "1", "9", "9", "on"), ("destination", "B", "x0", "1", "9", "9", "on")), "tie"),
    ],
)
def test_what_can_not_be_is_refused_with_one_sentence_and_nothing_is_saved(house, rita, milan, made, words):
    answer = rita.post(page(milan), table(*made) | {"name": "Changed"})
    (sentence,) = answer.context["rules"].non_form_errors()
    assert (
        answer.status_code == 422 and words in sentence and sentence in answer.content.decode().replace("&#x27;", "'")
    )
    assert rules(house.acme) == []
    with in_operator(house.acme):
        assert Location.objects.get(pk=milan.pk).name == "Milan"


@pytest.mark.parametrize(
    ("place", "value"),
    [(0, "chained"), (1, "=x"), (2, "12a"), (2, "1' --"), (3, "x"), (4, "-1"), (4, "z"), (5, "256"), (5, "3")],
)
def test_a_bad_cell_is_refused_at_its_place(house, rita, milan, place, value):
    rule = [*INTERNATIONAL]
    rule[place] = value
    answer = rita.post(page(milan), table(tuple(rule)))
    assert answer.status_code == 422 and answer.context["rules"].forms[0].errors[FIELDS[place]][0].endswith(".")
    assert rules(house.acme) == []


def test_two_rules_that_would_tie_may_stand_together_while_one_is_off(house, rita, milan):
    assert (
        rita.post(page(milan), table(INTERNATIONAL, ("destination", "Twin", "00", "1", "10", "17", ""))).status_code
        == 302
    )
    assert len(rules(house.acme)) == 2


def test_a_rule_of_another_location_is_not_changed_through_this_one(house, rita, milan):
    with in_operator(house.acme):
        other = Rule.objects.create(location=Location.objects.create(name="Rome"), name="Rome's", cut="1", min_length=9)
    rita.post(page(milan), table((*INTERNATIONAL, str(other.pk)), kept=1))
    assert rules(house.acme) == [("Rome's", "1", "", 0)]


def test_the_location_that_came_with_the_portal_is_never_deleted(house, rita):
    with in_operator(house.acme):
        pk = Location.objects.get(is_default=True).pk
    assert "can't be deleted" in said(rita.post(reverse("numbers:delete", args=[pk]), follow=True))
    with in_operator(house.acme):
        assert Location.objects.filter(pk=pk).exists()


def test_a_location_in_use_stays_and_names_its_devices(house, rita, milan):
    with in_operator(house.acme):
        create_device(Device(customer=Customer.objects.get(name="Carla Ltd"), name="Reception", location=milan))
    assert "Reception" in said(rita.post(reverse("numbers:delete", args=[milan.pk]), follow=True))
    assert "Reception" in rita.get(page(milan)).content.decode()
    with in_operator(house.acme):
        assert Location.objects.filter(pk=milan.pk).exists()


def test_one_more_row_is_the_next_one(rita):
    text = rita.get(reverse("numbers:rule_row"), {"rules-TOTAL_FORMS": "3"}).content.decode()
    assert 'name="rules-3-cut"' in text and 'value="4" hx-swap-oob="true"' in text
    for junk in ("x", "-5", "999999999", ""):
        assert rita.get(reverse("numbers:rule_row"), {"rules-TOTAL_FORMS": junk}).status_code == 200


def test_the_list_asks_a_fixed_number_of_queries(house, rita, django_assert_max_num_queries):
    with in_operator(house.acme):
        for number in range(60):
            Location.objects.create(name=f"Place {number}").rules.create(cut="1", min_length=5)
    with django_assert_max_num_queries(12):
        assert len(rita.get(reverse("numbers:list")).context["page"]) == 50


def test_a_change_raises_the_book_of_this_operator_only(house, rita, milan):
    def version(operator):
        with in_operator(operator):
            return BookVersion.objects.get(pk=operator.pk).version

    here, there = version(house.acme), version(house.root)
    rita.post(page(milan), table(NATIONAL))
    assert version(house.acme) > here and version(house.root) == there
