"""A Reseller PRO stays one, whoever asks; "no own providers" freezes and breaks nothing. resellers.md 3, 20.1."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.urls import reverse

from opening.steps import offer_common_providers
from portal.routing.create_provider import NotPro, OwnProvidersForbidden, create_provider
from portal.routing.models import Lcr, LcrEntry, Provider
from tenants.below import NotBelow, forbid_own_providers, make_pro
from tenants.context import in_operator
from tenants.lookup import operator_by_id
from tenants.models import Operator
from tests.resellers.worlds import opened, row_of, tariff


def kind(operator: Operator) -> str:
    found = operator_by_id(operator.pk)
    assert found is not None
    return found.kind


def test_20_1_5_the_pro_flag_can_not_be_taken_back_by_orm_or_sql(open_house):
    beta = open_house.beta
    for back in ("reseller", "owner"):
        with pytest.raises(IntegrityError, match="can't become"):
            Operator.objects.using("owner").filter(pk=beta.pk).update(kind=back)
        saved = Operator.objects.using("owner").get(pk=beta.pk)
        saved.kind = back
        with pytest.raises(IntegrityError):
            saved.save_base(using="owner")
        with connections["owner"].cursor() as cursor, pytest.raises(IntegrityError):
            cursor.execute("update tenants_operator set kind = %s where id = %s", [back, beta.pk])
    assert kind(beta) == "reseller_pro"


def test_20_1_5_the_pro_flag_can_not_be_taken_back_by_any_form(open_house, browser_for):
    root, beta = open_house.root, open_house.beta
    row = row_of(root, beta)
    olga = browser_for(root, "olga")
    text = olga.get(reverse("resellers:reseller", args=[row.pk])).content.decode()
    assert reverse("resellers:pro", args=[row.pk]) not in text
    for junk in ({}, {"pro": "0"}, {"kind": "reseller"}):
        olga.post(reverse("resellers:pro", args=[row.pk]), junk)
        assert kind(beta) == "reseller_pro"


def test_the_owner_stays_the_owner_and_nobody_else_becomes_it(open_house):
    for operator, wanted in ((open_house.root, "reseller_pro"), (open_house.acme, "owner")):
        with pytest.raises(IntegrityError):
            Operator.objects.using("owner").filter(pk=operator.pk).update(kind=wanted)


def test_the_web_makes_nobody_a_pro_but_by_the_page_of_the_operator_above(open_house, browser_for):
    root, acme = open_house.root, open_house.acme
    with in_operator(acme):
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            Operator.objects.filter(pk=acme.pk).update(kind="reseller_pro")
        with pytest.raises(NotBelow):
            make_pro(acme)
    with in_operator(open_house.beta), pytest.raises(NotBelow):
        make_pro(acme)
    connection.set_schema_to_public()
    assert kind(acme) == "reseller"
    row = row_of(root, acme)
    answer = browser_for(root, "olga").post(reverse("resellers:pro", args=[row.pk]), follow=True)
    assert kind(acme) == "reseller_pro", [str(one) for one in answer.context["messages"]]


def test_20_1_6_the_freeze_stops_new_providers_and_the_old_ones_go_on(open_house, browser_for):
    root, beta = open_house.root, open_house.beta
    buy = tariff(beta, "costs", "0.5", "buy")
    with in_operator(beta):
        old = create_provider(Provider(name="Old", tariff=buy, host="192.0.2.1"))
    olga, ben = browser_for(root, "olga"), browser_for(beta, "ben")
    row = row_of(root, beta)
    olga.post(reverse("resellers:own_providers", args=[row.pk]), {"forbidden": "1"})
    with in_operator(beta), pytest.raises(OwnProvidersForbidden):
        create_provider(Provider(name="New", tariff=buy, host="192.0.2.2"))
    assert ben.get(reverse("routing:new_provider")).status_code == 403
    assert reverse("routing:new_provider") not in ben.get(reverse("routing:providers")).content.decode()
    changed = {
        "name": "Old one", "tariff": str(buy.pk), "active": "on", "host": "192.0.2.9", "port": "5060",
        "transport": "udp", "ring_seconds": "60", "call_limit": "0", "rules-TOTAL_FORMS": "0",
        "rules-INITIAL_FORMS": "0",
    }  # fmt: skip
    assert ben.post(reverse("routing:provider", args=[old.pk]), changed).status_code == 302
    places = {"entries-TOTAL_FORMS": "1", "entries-INITIAL_FORMS": "0", "entries-0-who": str(old.pk)}
    assert ben.post(
        reverse("routing:new_lcr"), {"name": "Mine", "order": "price", "percent_limit": "0"} | places
    ).status_code == 302  # fmt: skip
    with in_operator(beta):
        assert Provider.objects.get().name == "Old one" and LcrEntry.objects.get().lcr == Lcr.objects.get()
    olga.post(reverse("resellers:own_providers", args=[row.pk]), {"forbidden": "0"})
    assert ben.get(reverse("routing:new_provider")).status_code == 200


def test_a_plain_reseller_has_no_providers_and_no_lcr_pages(open_house, browser_for):
    acme = open_house.acme
    buy = tariff(acme, "costs", "0.5", "buy")
    with in_operator(acme), pytest.raises(NotPro):
        create_provider(Provider(name="New", tariff=buy, host="192.0.2.2"))
    rita = browser_for(acme, "rita")
    for name in ("routing:lcrs", "routing:providers", "routing:offers", "resellers:common"):
        assert rita.get(reverse(name)).status_code == 404, name


def test_staff_of_another_operator_finds_no_page_of_this_reseller(open_house, browser_for):
    root = open_house.root
    row = row_of(root, open_house.acme)
    for operator, user in ((open_house.acme, "rita"), (open_house.beta, "ben")):
        browser = browser_for(operator, user)
        assert browser.get(reverse("resellers:reseller", args=[row.pk])).status_code == 404
        for deed in ("pro", "own_providers", "copies", "copy_lcr"):
            assert browser.post(reverse(f"resellers:{deed}", args=[row.pk])).status_code == 404, deed
    with in_operator(open_house.beta), pytest.raises(NotBelow):
        forbid_own_providers(open_house.acme)


def test_20_1_25_the_currency_is_locked_after_the_first_transfer_in_the_books(open_house):
    acme = open_house.acme
    operators = Operator.objects.using("owner").filter(pk=acme.pk)
    operators.update(currency="USD")
    operators.update(currency="EUR")
    with in_operator(acme), connection.cursor() as cursor:
        cursor.execute(
            "select ledger_post(%s, ledger_mint(), 'payment', array[ledger_open_account(%s, 'cash', 'house', 'EUR',"
            " null, null, 'cash')]::bigint[], array[ledger_open_account(%s, 'revenue', 'house', 'EUR', null, null,"
            " 'revenue')]::bigint[], array[1]::numeric[], 'test', false)",
            [acme.pk] * 3,
        )
    with pytest.raises(IntegrityError, match="The currency stays EUR"):
        operators.update(currency="USD")
    assert operators.get().currency == "EUR"


def test_the_step_of_opening_changes_nothing_without_a_rule(open_house):
    delta = opened(open_house.root, "Delta", kind="reseller_pro")
    offer_common_providers(delta)
    with in_operator(open_house.root):
        from portal.routing.models import CommonUse

        assert not CommonUse.objects.exists()
