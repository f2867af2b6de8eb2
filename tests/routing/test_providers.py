"""A provider is created with its accounts, never shows its secret, and is deleted only while it has no past."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.urls import reverse

from ledger.accounts import house_account
from ledger.models import Account
from portal.routing.models import Lcr, LcrEntry, Provider, ProviderRule
from portal.tariffs.models import Currency, Tariff
from tenants.context import in_operator
from tenants.models import BookVersion

ROWS = {"rules-TOTAL_FORMS": "0", "rules-INITIAL_FORMS": "0"}


@pytest.fixture
def values(house):
    with in_operator(house.beta):
        tariff = Tariff.objects.create(name="Costs", purpose="buy", currency="USD")
        Tariff.objects.create(name="Retail", purpose="sell", currency="USD")
    return ROWS | {
        "name": "Carrier", "tariff": tariff.pk, "host": "sip.carrier.example", "port": "5060", "transport": "udp",
        "username": "beta", "password": "s3cret", "ring_seconds": "60", "call_limit": "30", "active": "on",
    }  # fmt: skip


@pytest.fixture
def ben(house, browser_for):
    return browser_for(house.beta, "ben")


@pytest.fixture
def carrier(house, ben, values):
    assert ben.post(reverse("routing:new_provider"), values).status_code == 302
    with in_operator(house.beta):
        return Provider.objects.get()


def page(carrier) -> str:
    return reverse("routing:provider", args=[carrier.pk])


def said(answer) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def test_a_new_provider_has_accounts_and_a_name_on_the_nodes(house, carrier):
    with in_operator(house.beta):
        account, limit = Account.objects.get(pk=carrier.account_id), Account.objects.get(pk=carrier.limit_account_id)
    assert (account.currency, account.floor) == ("USD", None) and (limit.currency, limit.posted) == ("CALL", 30)
    assert carrier.endpoint.startswith("p") and carrier.secret == "s3cret"


def test_the_secret_is_never_shown_and_an_empty_field_keeps_it(house, ben, carrier, values):
    assert "s3cret" not in ben.get(page(carrier)).content.decode()
    ben.post(page(carrier), values | {"password": "", "name": "Renamed"})
    with in_operator(house.beta):
        saved = Provider.objects.get()
    assert (saved.name, saved.secret) == ("Renamed", "s3cret")


def test_a_new_password_replaces_the_old_and_no_user_name_means_none(house, ben, carrier, values):
    ben.post(page(carrier), values | {"password": "other"})
    with in_operator(house.beta):
        assert Provider.objects.get().secret == "other"
    ben.post(page(carrier), values | {"password": "", "username": ""})
    with in_operator(house.beta):
        assert Provider.objects.get().secret == ""


@pytest.mark.parametrize(("limit", "posted"), [("5", 5), ("0", None), ("100", 100)])
def test_a_changed_call_limit_counts_in_the_ledger(house, ben, carrier, values, limit, posted):
    ben.post(page(carrier), values | {"call_limit": limit})
    with in_operator(house.beta):
        account = Provider.objects.get().limit_account_id
        assert (Account.objects.get(pk=account).posted if account else None) == posted


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("host", "bad host"), ("host", "-x.example"), ("host", "a\r\nb"), ("host", ""), ("port", "0"),
        ("host", "999.1.1.1"), ("host", "127.0.0.1"), ("host", "169.254.169.254"), ("host", "localhost"),
        ("host", "0.0.0.0"),
        ("port", "65536"),
        ("username", "a b"), ("username", "a;b"), ("password", "with space"), ("password", "x\ny"),
        ("transport", "sctp"),
        ("ring_seconds", "5"), ("ring_seconds", "999"), ("call_limit", "-1"), ("name", ""), ("name", "@x"),
        ("tariff", "999"),
        ("tariff", ""),
    ],
)  # fmt: skip
def test_a_bad_value_is_refused_with_a_sentence(house, ben, values, field, value):
    answer = ben.post(reverse("routing:new_provider"), values | {field: value})
    assert answer.status_code == 422 and answer.context["form"].errors[field][0].endswith(".")
    with in_operator(house.beta):
        assert not Provider.objects.exists()


def test_a_tariff_for_customers_is_not_a_providers(house, ben, values):
    with in_operator(house.beta):
        retail = Tariff.objects.get(name="Retail").pk
    assert ben.post(reverse("routing:new_provider"), values | {"tariff": retail}).status_code == 422


def test_registering_and_passwords_need_a_user_name(ben, values):
    for change in ({"username": "", "register": "on", "password": ""}, {"username": ""}):
        assert "username" in ben.post(reverse("routing:new_provider"), values | change).context["form"].errors


def test_a_tariff_in_another_currency_than_the_account_is_refused(house, ben, carrier, values):
    with in_operator(house.beta):
        Currency.objects.create(code="EUR", rate=1)
        euros = Tariff.objects.create(name="Euros", purpose="buy", currency="EUR")
    answer = ben.post(page(carrier), values | {"tariff": euros.pk})
    assert "USD" in answer.context["form"].errors["tariff"][0]


RULE = {
    "rules-TOTAL_FORMS": "1",
    "rules-0-side": "called",
    "rules-0-cut": "",
    "rules-0-add": "00",
    "rules-0-min_length": "8",
    "rules-0-max_length": "32",
}


def test_outgoing_rules_are_saved_with_the_provider_and_removed(house, ben, carrier, values):
    ben.post(page(carrier), values | RULE)
    with in_operator(house.beta):
        rule = ProviderRule.objects.get()
        assert (rule.add, rule.min_length) == ("00", 8)
    gone = RULE | {
        "rules-INITIAL_FORMS": "1", "rules-0-id": rule.pk, "rules-0-provider": carrier.pk, "rules-0-DELETE": "on"
    }  # fmt: skip
    ben.post(page(carrier), values | gone)
    with in_operator(house.beta):
        assert not ProviderRule.objects.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rules-0-cut": "123", "rules-0-add": "", "rules-0-min_length": "1"}, "can leave nothing"),
        ({"rules-0-cut": "12345678901", "rules-0-min_length": "1", "rules-0-max_length": "5"}, "can never fit"),
        ({"rules-0-side": "caller", "rules-0-cut": "1x"}, "not of a caller id"),
    ],
)
def test_a_rule_that_can_not_be_is_refused_with_one_sentence(house, ben, carrier, values, change, words):
    answer = ben.post(page(carrier), values | RULE | change | {"name": "Other"})
    (sentence,) = answer.context["rules"].non_form_errors()
    assert answer.status_code == 422 and words in sentence
    with in_operator(house.beta):
        assert not ProviderRule.objects.exists() and Provider.objects.get().name == "Carrier"


def test_trying_shows_what_would_be_sent_with_unsaved_rules(ben):
    tried = ben.post(reverse("routing:try_rules"), ROWS | RULE | {"try_number": "37061234567", "try_caller": "39"})
    assert "0037061234567" in tried.content.decode()
    assert (
        "begins with 0"
        in ben.post(reverse("routing:try_rules"), ROWS | RULE | {"try_number": "0611111111"}).content.decode()
    )


def test_a_provider_in_an_lcr_stays_and_says_where(house, ben, carrier):
    with in_operator(house.beta):
        LcrEntry.objects.create(lcr=Lcr.objects.create(name="Standard"), provider=carrier)
    assert "Standard" in said(ben.post(reverse("routing:delete_provider", args=[carrier.pk]), follow=True))
    with in_operator(house.beta):
        assert Provider.objects.exists()


def test_a_provider_that_carried_a_call_stays(house, ben, carrier):
    with in_operator(house.beta), connection.cursor() as cursor:
        cost = house_account(house.beta.pk, "cost", "USD")
        cursor.execute("select ledger_mint()")
        cursor.execute(
            "select ledger_post(%s, %s, 'charge', %s, %s, %s, '', false)",
            [house.beta.pk, cursor.fetchone()[0], [cost], [carrier.account_id], [Decimal("0.5")]],
        )
    assert "has carried calls" in said(ben.post(reverse("routing:delete_provider", args=[carrier.pk]), follow=True))
    with in_operator(house.beta):
        assert Provider.objects.exists()


def test_a_provider_without_a_past_is_deleted(house, ben, carrier):
    ben.post(reverse("routing:delete_provider", args=[carrier.pk]))
    with in_operator(house.beta):
        assert not Provider.objects.exists()


def test_the_list_asks_a_fixed_number_of_queries(house, ben, carrier, django_assert_max_num_queries):
    with in_operator(house.beta):
        Provider.objects.bulk_create(
            Provider(name=f"Carrier {one}", host="192.0.2.1", tariff_id=carrier.tariff_id) for one in range(60)
        )
    with django_assert_max_num_queries(12):
        assert len(ben.get(reverse("routing:providers")).context["page"]) == 50


def test_a_change_raises_the_book_of_this_operator_only(house, ben, carrier, values):
    def version(operator):
        with in_operator(operator):
            return BookVersion.objects.get(pk=operator.pk).version

    here, there = version(house.beta), version(house.root)
    ben.post(page(carrier), values | {"name": "Renamed"})
    after = version(house.beta)
    ben.post(page(carrier), values | {"name": "Renamed"} | RULE)
    assert here < after < version(house.beta) and version(house.root) == there
