"""Providers for common use: nothing by itself, everything at a button, twice is once, and never a secret. 3.1, 20.1."""

from __future__ import annotations

import pytest
from django.urls import reverse

from portal.routing.common_use import InUse, associate_all, end_use, pros_below
from portal.routing.models import CommonUse, Lcr, LcrEntry, Provider
from portal.routing.offered import offered, offered_prices
from tenants.context import in_operator
from tests.resellers.worlds import common_provider, opened, row_of, tariff


@pytest.fixture
def stocked(open_house):
    """Root with two providers for common use and one of its own, a selling tariff at 0.7, and browsers."""
    root = open_house.root
    open_house.carrier = common_provider(root, "Atlantic")
    open_house.second = common_provider(root, "Meridian")
    open_house.price = tariff(root, "to PROs", "0.7")
    return open_house


def agreements(operator) -> list[tuple[str, int, str]]:
    with in_operator(operator):
        return [(one.provider.name, one.operator_id, one.tariff.name) for one in CommonUse.objects.all()]


def places(*who: str) -> dict[str, str]:
    made = {"name": "Mine", "order": "priority", "percent_limit": "0"}
    made |= {"entries-TOTAL_FORMS": str(len(who)), "entries-INITIAL_FORMS": "0"}
    return made | {f"entries-{row}-who": one for row, one in enumerate(who)}


def test_20_1_7_a_new_pro_gets_no_common_provider_and_all_with_auto_associate(stocked, browser_for):
    root = stocked.root
    olga = browser_for(root, "olga")
    gamma = opened(root, "Gamma", kind="reseller_pro")
    assert agreements(root) == []
    olga.post(reverse("resellers:new_pros"), {"rule-tariff": str(stocked.price.pk)})
    delta = opened(root, "Delta", kind="reseller_pro")
    assert agreements(root) == [("Atlantic", delta.pk, "to PROs"), ("Meridian", delta.pk, "to PROs")]
    opened(root, "Plain")
    olga.post(reverse("resellers:pro", args=[row_of(root, stocked.acme).pk]))
    assert {who for _, who, _ in agreements(root)} == {delta.pk, stocked.acme.pk}
    olga.post(reverse("resellers:new_pros"), {"rule-tariff": ""})
    opened(root, "Epsilon", kind="reseller_pro")
    assert {who for _, who, _ in agreements(root)} == {delta.pk, stocked.acme.pk}
    assert gamma.pk not in {who for _, who, _ in agreements(root)}


def test_20_1_8_bulk_associate_twice_gives_the_same_rows(stocked, browser_for):
    root = stocked.root
    olga = browser_for(root, "olga")
    olga.post(reverse("resellers:associate"), {"all-tariff": str(stocked.price.pk)})
    once = agreements(root)
    assert once == [("Atlantic", stocked.beta.pk, "to PROs"), ("Meridian", stocked.beta.pk, "to PROs")]
    other = tariff(root, "dearer", "0.9")
    olga.post(reverse("resellers:associate"), {"all-tariff": str(other.pk)})
    assert agreements(root) == once, "what was agreed stays as it is"
    with in_operator(root):
        assert associate_all(other) == 0 and [one.pk for one in pros_below()] == [stocked.beta.pk]


def test_a_pro_sees_name_prices_and_state_and_never_host_secret_or_cost(stocked, browser_for):
    root, beta = stocked.root, stocked.beta
    with in_operator(root):
        associate_all(stocked.price)
        Provider.objects.filter(pk=stocked.second.pk).update(active=False)
    with in_operator(beta):
        assert [(one.name, one.active, one.currency) for one in offered()] == [
            ("Atlantic", True, "USD"), ("Meridian", False, "USD")
        ]  # fmt: skip
        (price,) = offered_prices(stocked.carrier.pk, "3706")
        assert (price.prefix, str(price.price)) == ("370", "0.7000000000")
        with pytest.raises(LookupError):
            offered_prices(999)
    ben = browser_for(beta, "ben")
    pages = [reverse("routing:offers"), reverse("routing:offer", args=[stocked.carrier.pk]), reverse("routing:new_lcr")]
    for page in pages:
        answer = ben.get(page)
        text = answer.content.decode()
        assert answer.status_code == 200 and "Atlantic" in text
        for secret in ("192.0.2.77", "secretuser", "verysecret", "costs of", "0.3000", "0.30<"):
            assert secret not in text, (page, secret)
    assert ben.get(reverse("routing:offer", args=[999])).status_code == 404


def test_a_pro_names_it_in_its_lcr_and_only_what_it_may_use(stocked, browser_for):
    root, beta = stocked.root, stocked.beta
    with in_operator(root):
        CommonUse.objects.create(provider=stocked.carrier, operator_id=beta.pk, tariff=stocked.price)
    ben = browser_for(beta, "ben")
    good, bad = f"common-{stocked.carrier.pk}", f"common-{stocked.second.pk}"
    assert ben.post(reverse("routing:new_lcr"), places(bad)).status_code == 422
    assert ben.post(reverse("routing:new_lcr"), places(good, "parent")).status_code == 302
    with in_operator(beta):
        assert [(one.common_provider_id, one.provider_id) for one in LcrEntry.objects.all()] == [
            (stocked.carrier.pk, None), (None, None)
        ]  # fmt: skip
    assert "Atlantic" in ben.get(reverse("routing:lcrs")).content.decode()


def test_taking_it_back_names_the_lcrs_and_refuses_or_switches_the_entries_off(stocked, browser_for):
    root, beta = stocked.root, stocked.beta
    with in_operator(root):
        associate_all(stocked.price)
        agreed = CommonUse.objects.get(provider=stocked.carrier)
    ben, olga = browser_for(beta, "ben"), browser_for(root, "olga")
    ben.post(reverse("routing:new_lcr"), places(f"common-{stocked.carrier.pk}", "parent"))
    with in_operator(root), pytest.raises(InUse, match="Beta Voice: Mine"):
        end_use(agreed)
    said = olga.post(reverse("resellers:end", args=[agreed.pk]), follow=True).content.decode()
    assert "Beta Voice: Mine" in said and len(agreements(root)) == 2
    unticked = {
        "name": "Atlantic", "tariff": str(stocked.carrier.tariff_id), "active": "on", "host": "192.0.2.77",
        "port": "5060", "transport": "udp", "username": "secretuser", "ring_seconds": "60", "call_limit": "0",
        "rules-TOTAL_FORMS": "0", "rules-INITIAL_FORMS": "0",
    }  # fmt: skip
    refused = olga.post(reverse("routing:provider", args=[stocked.carrier.pk]), unticked)
    assert refused.status_code == 422 and "Beta Voice: Mine" in refused.content.decode()
    olga.post(reverse("resellers:end", args=[agreed.pk]), {"switch_off": "1"})
    assert [name for name, _, _ in agreements(root)] == ["Meridian"]
    with in_operator(beta):
        assert [(one.common_provider_id, one.enabled) for one in LcrEntry.objects.all()] == [
            (stocked.carrier.pk, False), (None, True)
        ]  # fmt: skip
        lcr = Lcr.objects.get()
    assert "taken back" in ben.get(reverse("routing:lcr", args=[lcr.pk])).content.decode()
    assert olga.post(reverse("routing:provider", args=[stocked.carrier.pk]), unticked).status_code == 302
    with in_operator(root):
        assert not Provider.objects.get(pk=stocked.carrier.pk).common_use


def test_the_owner_s_page_adds_one_by_hand_changes_its_price_and_refuses_a_second(stocked, browser_for):
    root, beta = stocked.root, stocked.beta
    olga = browser_for(root, "olga")
    one = {"provider": str(stocked.carrier.pk), "operator": str(beta.pk), "tariff": str(stocked.price.pk)}
    assert olga.post(reverse("resellers:common"), one).status_code == 302
    assert olga.post(reverse("resellers:common"), one).status_code == 422
    assert olga.post(reverse("resellers:common"), one | {"operator": str(stocked.acme.pk)}).status_code == 422
    other = tariff(root, "dearer", "0.9")
    with in_operator(root):
        agreed = CommonUse.objects.get()
    olga.post(reverse("resellers:agreement", args=[agreed.pk]), {"tariff": str(other.pk)})
    assert agreements(root) == [("Atlantic", beta.pk, "dearer")]
