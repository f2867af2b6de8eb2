"""Copying an LCR between operators: offenders are named, whole or not at all. resellers.md 3.2, 20.1 item 9."""

from __future__ import annotations

import pytest
from django.urls import reverse

from portal.routing.copy_lcr import Forbidden, copy_lcr
from portal.routing.create_provider import create_provider
from portal.routing.models import CommonUse, Lcr, LcrEntry, Provider
from tenants.context import in_operator
from tests.resellers.worlds import common_provider, row_of, tariff


@pytest.fixture
def stocked(open_house):
    """Root's LCR "Best" has a provider that Beta may use and one that it may not."""
    root, beta = open_house.root, open_house.beta
    open_house.shared, open_house.private = common_provider(root, "Atlantic"), common_provider(root, "Private")
    price = tariff(root, "to PROs", "0.7")
    with in_operator(root):
        CommonUse.objects.create(provider=open_house.shared, operator_id=beta.pk, tariff=price)
        open_house.lcr = Lcr.objects.create(name="Best", order="priority", first_only=True, allow_loss=True)
        for place, one in enumerate((open_house.private, open_house.shared)):
            LcrEntry.objects.create(lcr=open_house.lcr, provider=one, priority=place)
    return open_house


def lcrs(operator) -> list[tuple]:
    with in_operator(operator):
        return [
            (
                one.name,
                one.order,
                one.first_only,
                one.allow_loss,
                [each.common_provider_id for each in one.entries.all()],
            )
            for one in Lcr.objects.all()
        ]


def test_20_1_9_the_copy_is_refused_and_the_offender_named(stocked, browser_for):
    root, beta = stocked.root, stocked.beta
    with in_operator(root), pytest.raises(Forbidden, match="Private") as refused:
        copy_lcr(stocked.lcr.pk, root, beta)
    assert refused.value.names == ["Private"] and lcrs(beta) == []
    answer = browser_for(root, "olga").post(
        reverse("resellers:copy_lcr", args=[row_of(root, beta).pk]), {"lcr": f"0-{stocked.lcr.pk}"}
    )
    assert answer.status_code == 422 and "Private" in answer.content.decode() and lcrs(beta) == []


def test_the_copy_without_the_forbidden_ones_is_deep_and_its_name_free(stocked, browser_for):
    root, beta = stocked.root, stocked.beta
    url = reverse("resellers:copy_lcr", args=[row_of(root, beta).pk])
    olga = browser_for(root, "olga")
    for _ in range(2):
        assert olga.post(url, {"lcr": f"0-{stocked.lcr.pk}", "without_forbidden": "on"}).status_code == 302
    shared = stocked.shared.pk
    assert lcrs(beta) == [("Best", "priority", True, True, [shared]), ("Best (2)", "priority", True, True, [shared])]
    with in_operator(root):
        LcrEntry.objects.filter(provider=stocked.shared).delete()
    assert lcrs(beta)[0][4] == [shared]


def test_nothing_is_copied_when_nothing_would_be_left(stocked):
    root, beta = stocked.root, stocked.beta
    with in_operator(root):
        LcrEntry.objects.filter(provider=stocked.shared).delete()
        with pytest.raises(ValueError, match="Nothing of this LCR"):
            copy_lcr(stocked.lcr.pk, root, beta, without_forbidden=True)
    assert lcrs(beta) == []


def test_a_plain_reseller_gets_no_lcr(stocked):
    with in_operator(stocked.root), pytest.raises(ValueError, match="Only a Reseller PRO"):
        copy_lcr(stocked.lcr.pk, stocked.root, stocked.acme, without_forbidden=True)


def test_an_lcr_of_one_pro_goes_to_another_without_the_first_one_s_own_carriers(stocked, open_house):
    from tests.resellers.worlds import opened

    root, beta = stocked.root, stocked.beta
    gamma = opened(root, "Gamma", kind="reseller_pro")
    buy = tariff(beta, "costs", "0.5", "buy")
    with in_operator(beta):
        own = create_provider(Provider(name="Beta's own", tariff=buy, host="192.0.2.1"))
        lcr = Lcr.objects.create(name="Mixed", order="price")
        LcrEntry.objects.create(lcr=lcr, provider=own)
        LcrEntry.objects.create(lcr=lcr, common_provider_id=stocked.shared.pk, priority=1)
        LcrEntry.objects.create(lcr=lcr, priority=2)
    with in_operator(root):
        with pytest.raises(Forbidden) as refused:
            copy_lcr(lcr.pk, beta, gamma)
        assert refused.value.names == ["Beta's own", "Atlantic"], "Gamma may not use Atlantic"
        copied = copy_lcr(lcr.pk, beta, gamma, without_forbidden=True)
    assert copied.entries == 1 and lcrs(gamma)[0][4] == [None]
