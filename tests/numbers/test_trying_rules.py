"""The try-it box says what the rules of the form make of a number, which rule won and why, before anything is saved."""

from __future__ import annotations

import pytest
from django.urls import reverse

from portal.numbers.models import Location, Rule
from tenants.context import in_operator

RULES = {
    "rules-TOTAL_FORMS": "3", "rules-INITIAL_FORMS": "0",
    "rules-0-kind": "destination", "rules-0-name": "International", "rules-0-cut": "00", "rules-0-min_length": "10",
    "rules-0-max_length": "17", "rules-0-enabled": "on",
    "rules-1-kind": "destination", "rules-1-cut": "0", "rules-1-add": "39", "rules-1-min_length": "1",
    "rules-1-max_length": "20", "rules-1-enabled": "on",
    "rules-2-kind": "caller_id", "rules-2-name": "Plus", "rules-2-cut": "+", "rules-2-min_length": "1",
    "rules-2-max_length": "20", "rules-2-enabled": "on",
}  # fmt: skip


@pytest.fixture
def rita(house, browser_for):
    return browser_for(house.acme, "rita")


def tried(browser, called: str, caller: str = "", **change: str):
    answer = browser.post(reverse("numbers:try"), RULES | {"try_called": called, "try_caller": caller} | change)
    assert answer.status_code == 200
    return answer


def test_the_winning_rule_and_why_are_shown(rita):
    answer = tried(rita, "0037061234567", "+39024455667")
    result = answer.context["tried"].result
    assert (result.called, result.caller) == ("37061234567", "39024455667")
    text = answer.content.decode()
    assert "International" in text and "exact characters" in text and "Lithuania Mobile" in text


def test_a_rule_that_lost_says_by_what(rita):
    answer = tried(rita, "0037061234567")
    (lost,) = answer.context["tried"].lost
    assert lost.rule.name == "row 2" and "fewer exact characters" in answer.content.decode()


@pytest.mark.parametrize(
    ("called", "words"),
    [("#12", "can&#x27;t begin with #"), ("12a", "only the digits"),
     ("12' --", "only the digits"), ("1" * 65, "at most 64"),
     ("123", "too short"), ("<b>", "only the digits")],
)  # fmt: skip
def test_a_number_that_would_be_refused_says_why(rita, called, words):
    assert words in tried(rita, called).content.decode()


def test_a_rule_with_a_mistake_is_left_out_and_named(rita):
    answer = tried(rita, "0037061234567", **{"rules-0-cut": "abc"})
    assert answer.context["faulty"] == [1] and "row 1" in answer.content.decode()


def test_a_rule_that_is_off_or_marked_for_removal_does_not_count(rita):
    for change in ({"rules-0-enabled": ""}, {"rules-0-DELETE": "on"}):
        assert tried(rita, "0037061234567", **change).context["tried"].result.called == "39037061234567"


def test_nothing_is_saved_by_trying(house, rita):
    tried(rita, "0037061234567")
    with in_operator(house.acme):
        assert not Rule.objects.exists()


def test_the_owners_global_rules_come_after_a_locations_own_and_a_resellers_never(house, browser_for, rita):
    for operator in (house.root, house.acme):
        with in_operator(operator):
            Location.objects.standard().rules.create(name="Everywhere", cut="", add="1", min_length=3)
    olga = browser_for(house.root, "olga")
    assert tried(olga, "2125550100").context["tried"].result.called == "12125550100"
    assert tried(olga, "0037061234567").context["tried"].result.called == "37061234567"
    assert tried(rita, "2125550100").context["tried"].result.called == "2125550100"


def test_without_a_number_nothing_is_tried(rita):
    assert tried(rita, "").context["tried"] is None


def test_a_form_without_its_counters_is_no_crash(rita):
    assert rita.post(reverse("numbers:try"), {"try_called": "123"}).status_code == 200
