"""Localization copies, resellers.md section 7: plain copies without what belongs above, told and pulled by hand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.urls import reverse

from exchange.compile_book import compile_book
from portal.devices.create_device import create_device
from portal.devices.models import Device
from portal.numbers.copy_rules import CannotCopy, CopiesForbidden, copy_rules, differences, pull_rule
from portal.numbers.models import Location, Rule
from portal.people.models import Customer
from portal.routing.models import Lcr
from portal.tariffs.models import Tariff
from telecom.book import Books
from telecom.decision import Call, decide
from tenants.below import forbid_copies
from tenants.context import in_operator
from tenants.models import Operator
from tests.resellers.worlds import global_rule, opened

DIALLED, WANTED = "863042439", "37063042439"


def r1_and_r2(root: Operator) -> tuple[Rule, Rule]:
    """E9: R1 {cut 86, add 3706, length 9, tariff T1} and R2 {cut 00, LCR L2}, and what a copy may not take along."""
    with in_operator(root):
        t1 = Tariff.objects.create(name="T1", currency="USD")
        l2 = Lcr.objects.create(name="L2")
    first = global_rule(
        root, name="R1", cut="86", add="3706", min_length=9, max_length=9, tariff=t1, did="37052000000",
        owner_device_id=7, position=0,
    )  # fmt: skip
    second = global_rule(
        root, name="R2", cut="00", min_length=10, lcr=l2, caller_name="Root", enabled=False, position=1
    )
    return first, second


def rules(operator: Operator) -> list[Rule]:
    with in_operator(operator):
        return list(Rule.objects.order_by("position"))


def dialled(operator: Operator, identity: int) -> str:
    books = Books([compile_book(operator.pk), compile_book(operator.parent_id)])
    return decide(books, Call(identity, DIALLED), 1).number


@pytest.fixture
def sources(open_house) -> tuple[Rule, Rule]:
    return r1_and_r2(open_house.root)


def test_20_1_10_e9_a_new_reseller_gets_copies_with_null_tariff_and_lcr(open_house, sources):
    gamma = opened(open_house.root, "Gamma")
    first, second = rules(gamma)
    assert (first.name, first.cut, first.add, first.min_length, first.max_length) == ("R1", "86", "3706", 9, 9)
    assert (second.name, second.cut, second.add, second.caller_name) == ("R2", "00", "", "Root")
    for one in (first, second):
        assert (one.tariff_id, one.lcr_id, one.did, one.owner_device_id) == (None, None, "", None)
        assert one.copied_at is not None
    assert (first.enabled, second.enabled) == (True, False)
    assert (first.copied_from, second.copied_from) == (sources[0].pk, sources[1].pk)
    assert (first.emptied, second.emptied) == (["tariff", "did", "owner"], ["lcr"])


def test_20_1_11_e9_the_copies_location_is_not_global_at_a_reseller(open_house, sources):
    gamma = opened(open_house.root, "Gamma")
    with in_operator(gamma):
        assert not Location.objects.filter(is_global=True).exists()
        customer = Customer.objects.create(name="Cafe", currency="EUR", account_id=900_000_001)
        vilnius = Location.objects.create(name="Vilnius")
        there = create_device(Device(customer=customer, name="there", location=vilnius)).device.identity_id
        nowhere = create_device(Device(customer=customer, name="nowhere")).device.identity_id
        default = Location.objects.standard()
        here = create_device(Device(customer=customer, name="here", location=default)).device.identity_id
    # A device without rules in its own location dials what it dials, whatever is copied elsewhere.
    assert dialled(gamma, there) == DIALLED
    assert dialled(gamma, nowhere) == DIALLED
    assert dialled(gamma, here) == WANTED
    with in_operator(gamma):
        vilnius.rules.create(cut="86", add="3706", min_length=9, max_length=9)
    assert dialled(gamma, there) == WANTED


@pytest.mark.parametrize("for_all", [True, False])
def test_20_1_10_e10_copying_forbidden_no_rules_no_button_and_403(open_house, browser_for, sources, for_all):
    root, acme = open_house.root, open_house.acme
    with in_operator(root):
        if for_all:
            Operator.objects.filter(pk=root.pk).update(forbids_copies=True)
        else:
            forbid_copies(acme)
    if for_all:
        assert rules(opened(root, "Gamma")) == []
    rita = browser_for(acme, "rita")
    assert reverse("numbers:above") not in rita.get(reverse("numbers:list")).content.decode()
    assert rita.get(reverse("numbers:above")).status_code == 403
    assert rita.post(reverse("numbers:copy"), {"how": "add"}).status_code == 403
    assert rita.post(reverse("numbers:pull", args=[sources[0].pk])).status_code == 403
    with in_operator(acme), pytest.raises(CopiesForbidden):
        copy_rules(replace=True)
    assert rules(acme) == []
    if not for_all:
        assert browser_for(open_house.beta, "ben").get(reverse("numbers:above")).status_code == 200


def test_opening_again_copies_nothing_again(open_house, sources):
    from opening.open_operator import finish_opening

    gamma = opened(open_house.root, "Gamma")
    with in_operator(gamma):
        Rule.objects.filter(name="R1").delete()
    finish_opening(gamma.pk)
    assert [one.name for one in rules(gamma)] == ["R2"]


def test_a_later_change_above_does_not_follow_but_is_told_and_pulled_rule_by_rule(open_house, sources):
    first, second = sources
    gamma = opened(open_house.root, "Gamma")
    with in_operator(open_house.root):
        Rule.objects.filter(pk=first.pk).update(add="3707")
    third = global_rule(open_house.root, name="R3", cut="99", min_length=5)
    with in_operator(open_house.root):
        Rule.objects.filter(pk=second.pk).delete()
    assert [one.add for one in rules(gamma)] == ["3706", ""]
    with in_operator(gamma):
        found = differences()
        assert [(str(one.source or "gone"), one.fields) for one in found] == [
            ("R1", ("add",)), ("R3", ()), ("gone", ())
        ]  # fmt: skip
        own = Tariff.objects.create(name="own", currency="EUR")
        Rule.objects.filter(name="R1").update(tariff=own)
        pulled = pull_rule(first.pk)
        assert (pulled.add, pulled.tariff_id) == ("3707", own.pk), "the reseller's own effects stay"
        pull_rule(third.pk)
        assert [str(one.source or "gone") for one in differences()] == ["gone"]
        with pytest.raises(LookupError):
            pull_rule(second.pk)


def test_copying_again_replaces_all_or_adds_what_is_missing(open_house, browser_for, sources):
    acme = open_house.acme
    rita = browser_for(acme, "rita")
    with in_operator(acme):
        Location.objects.standard().rules.create(name="Own", cut="7", min_length=8, position=0)
    rita.post(reverse("numbers:copy"), {"how": "add"})
    assert [one.name for one in rules(acme)] == ["Own", "R1", "R2"]
    rita.post(reverse("numbers:copy"), {"how": "add"})
    assert len(rules(acme)) == 3
    rita.post(reverse("numbers:copy"), {"how": "replace"})
    assert [one.name for one in rules(acme)] == ["R1", "R2"]
    assert rita.post(reverse("numbers:copy"), {"how": "guess"}).status_code == 404


def test_two_who_press_the_button_at_once_make_each_copy_once(open_house, sources):
    def press(_) -> int:
        try:
            with in_operator(open_house.acme):
                return copy_rules(replace=False).rules
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(press, range(4))) == [0, 0, 0, 2]
    assert [one.name for one in rules(open_house.acme)] == ["R1", "R2"]


def test_a_copy_that_would_tie_with_an_own_rule_changes_nothing(open_house, sources):
    with in_operator(open_house.acme):
        Location.objects.standard().rules.create(name="Own", cut="86", add="1", min_length=9, max_length=9)
        with pytest.raises(CannotCopy, match="tie"):
            copy_rules(replace=False)
    assert [one.name for one in rules(open_house.acme)] == ["Own"]


def test_the_page_says_what_differs_and_what_was_emptied(open_house, browser_for, sources):
    rita = browser_for(open_house.acme, "rita")
    assert "2 rules differ from above" in rita.get(reverse("numbers:above")).content.decode()
    rita.post(reverse("numbers:copy"), {"how": "add"})
    text = rita.get(reverse("numbers:above")).content.decode()
    assert "Every copy is as it stands above." in text and "tariff, our number, owner" in text
    assert "T1" not in text and "L2" not in text, "no name of the operator above's tariffs or LCRs"


def test_an_operator_below_a_reseller_copies_that_reseller_s_rules(open_house, sources):
    with in_operator(open_house.acme):
        copy_rules(replace=True)
        Rule.objects.filter(name="R2").delete()
    delta = opened(open_house.acme, "Delta")
    assert [(one.name, one.add) for one in rules(delta)] == [("R1", "3706")]
