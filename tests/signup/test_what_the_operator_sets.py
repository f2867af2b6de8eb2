"""Rita sets the form, the agreement, plans and defaults; what would give strangers money is refused or typed out."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ledger.models import Account, Transfer
from portal.devices.models import DeviceTemplate
from portal.people.models import Customer, CustomerTemplate, User
from portal.signup.models import Acceptance, Agreement, Field, Plan, SignUp, SignUpRules
from tenants.context import in_operator

RULES = {"enabled": "on", "mode": "confirm", "most_an_hour": "30", "gifts_a_day": "0", "refused_mail": "", "typed": ""}
TEMPLATE = {"name": "Default", "currency": "EUR", "credit_limit": "0", "opening_balance": "0", "call_limit": "0",
            "typed": ""}  # fmt: skip


def rules_of(operator) -> SignUpRules:
    with in_operator(operator):
        return SignUpRules.ours()


def test_rita_switches_it_on_for_acme_only(house, browser_for):
    assert browser_for(house.acme, "rita").post("/sign-ups/settings/", RULES).status_code == 302
    assert rules_of(house.acme).enabled
    assert not rules_of(house.beta).enabled
    assert browser_for(house.acme, "carla").post("/sign-ups/settings/", RULES).status_code == 403


def test_fields_are_hidden_optional_or_required_and_in_their_order(house, browser_for, kit):
    kit.open(house.acme, mode="instant")
    rita, nora = browser_for(house.acme, "rita"), browser_for(house.acme)
    rita.post("/sign-ups/fields/last_name/", {"state": "hidden", "position": "4"})
    rita.post("/sign-ups/fields/city/", {"state": "required", "position": "1", "help": "Where you live"})
    rita.post(
        "/sign-ups/fields/new/",
        {
            "label": "Shoe size",
            "kind": "select",
            "choices": "Small\nLarge\nSmall",
            "state": "required",
            "position": "60",
        },
    )
    rita.post(
        "/sign-ups/fields/new/", {"label": "Newsletter", "kind": "checkbox", "state": "optional", "position": "61"}
    )
    page = nora.get("/sign-up/").content.decode()
    assert 'name="last_name"' not in page
    assert "Where you live" in page
    assert page.index('name="city"') < page.index('name="password"')
    with in_operator(house.acme):
        size, news = (Field.objects.get(label=label).name for label in ("Shoe size", "Newsletter"))
    assert kit.sign_up(nora).status_code == 422
    assert kit.sign_up(nora, city="Vilnius", **{size: "Huge"}).status_code == 422
    assert kit.sign_up(nora, city="Vilnius", **{size: "Large", news: "on"}).status_code == 302
    with in_operator(house.acme):
        details = SignUp.objects.get().customer.details
    assert (details["City"], details["Shoe size"], details["Newsletter"]) == ("Vilnius", "Large", "Yes")
    assert "Last name" not in details
    assert "Shoe size" in browser_for(house.acme, "rita").get(f"/customers/{_pk(house)}/").content.decode()


def _pk(house) -> int:
    with in_operator(house.acme):
        return SignUp.objects.get().customer_id


@pytest.mark.parametrize("key", ["email", "password", "country"])
def test_some_fields_can_t_be_hidden_by_page_or_by_row(house, browser_for, key):
    from django.db import IntegrityError, transaction

    browser_for(house.acme, "rita").post(f"/sign-ups/fields/{key}/", {"state": "hidden", "position": "9"})
    with in_operator(house.acme):
        assert Field.objects.get(key=key).state == "required"
        with pytest.raises(IntegrityError), transaction.atomic():
            Field.objects.filter(key=key).update(state="hidden")


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": ""}, {"label": "=cmd()"}, {"label": "a\x00"}, {"kind": "file"}, {"state": "gone"}, {"position": "-1"},
        {"position": "99999999"}, {"kind": "select", "choices": "only one"}, {"label": "x" * 61}, {"help": "x" * 201},
    ],
)  # fmt: skip
def test_a_bad_field_is_refused(house, browser_for, wrong):
    good = {"label": "Shoe size", "kind": "text", "state": "optional", "position": "50", "help": "", "choices": ""}
    assert browser_for(house.acme, "rita").post("/sign-ups/fields/new/", good | wrong).status_code == 422
    with in_operator(house.acme):
        assert not Field.objects.exists()


def test_the_agreement_must_be_ticked_and_who_agreed_to_what_is_kept(house, browser_for, kit):
    kit.open(house.acme, mode="instant")
    rita, nora = browser_for(house.acme, "rita"), browser_for(house.acme)
    rita.post("/sign-ups/agreement/", {"text": "Be kind.\n<script>alert(1)</script>"})
    rita.post("/sign-ups/agreement/", {"text": "Be kind.\n<script>alert(1)</script>"})
    text = nora.get("/sign-up/agreement/").content.decode()
    assert "&lt;script&gt;" in text
    assert "Version 1" in text
    assert kit.sign_up(nora, version="1").status_code == 422
    rita.post("/sign-ups/agreement/", {"text": "Be very kind."})
    # Ticked for a text that counts no more.
    stale = kit.sign_up(nora, version="1", agree="on")
    assert "has changed meanwhile" in stale.content.decode()
    answer = nora.post(
        "/sign-up/",
        kit.filled(version="2", agree="on"),
        REMOTE_ADDR="192.0.2.77",
        headers={"user-agent": "Phone\x07 1"},
    )
    assert answer.status_code == 302
    with in_operator(house.acme):
        kept = Acceptance.objects.get()
        assert (kept.agreement.version, kept.ip, kept.user_agent) == (2, "192.0.2.77", "Phone 1")
        assert kept.user.email == "nora@example.org"
        assert [one.text for one in Agreement.objects.order_by("version")][1] == "Be very kind."


def test_a_new_version_is_asked_for_at_the_next_sign_in(house, browser_for, kit):
    kit.open(house.acme, mode="instant")
    rita, nora = browser_for(house.acme, "rita"), browser_for(house.acme)
    rita.post("/sign-ups/agreement/", {"text": "One."})
    kit.sign_up(nora, version="1", agree="on")
    who = {"username": "nora@example.org", "password": kit.password}
    nora.post("/sign-in/", who)
    assert nora.get("/dashboard/").status_code == 200
    rita.post("/sign-ups/agreement/", {"text": "Two."})
    # She goes on until she signs in again.
    assert nora.get("/dashboard/").status_code == 200
    nora.post("/sign-in/", who)
    for path in ("/dashboard/", "/devices/", "/calls/", "/billing/", "/account/"):
        assert nora.get(path).headers["location"] == "/agree/", path
    assert "Two." in nora.get("/agree/").content.decode()
    assert nora.post("/agree/", {"version": "2"}).status_code == 422
    assert nora.post("/agree/", {"version": "1", "agree": "on"}).status_code == 422
    assert nora.post("/agree/", {"version": "2", "agree": "on"}).status_code == 302
    nora.post("/agree/", {"version": "2", "agree": "on"})
    assert nora.get("/dashboard/").status_code == 200
    with in_operator(house.acme):
        assert [one.agreement.version for one in Acceptance.objects.order_by("pk")] == [1, 2]
    # Carla was made by hand, with a contract of her own; rita is staff.
    assert browser_for(house.acme, "carla").get("/dashboard/").status_code == 200
    assert rita.get("/dashboard/").status_code == 200


def test_defaults_count_for_customers_and_devices_made_by_hand_too(house, browser_for):
    rita = browser_for(house.acme, "rita")
    changed = TEMPLATE | {"call_limit": "7", "opening_balance": "5", "credit_limit": "20"}
    assert rita.post("/sign-ups/customers/default/", changed).status_code == 302
    device = {"name": "Default", "device_name": "Desk", "call_limit": "3", "ring_seconds": "45"}
    assert rita.post("/sign-ups/devices/default/", device).status_code == 302
    page = rita.get("/customers/new/").content.decode()
    assert 'name="call_limit" value="7"' in page
    assert 'name="credit_limit" value="20"' in page
    assert 'value="45"' in rita.get("/devices/new/").content.decode()
    new = {"name": "By hand", "currency": "EUR", "call_limit": "7", "credit_limit": "20", "opening_balance": "5"}
    rita.post("/customers/new/", new)
    with in_operator(house.acme):
        made = Customer.objects.get(name="By hand")
        account = Account.objects.get(pk=made.account_id)
        assert (account.posted, account.floor) == (Decimal(5), Decimal(-20))
        assert [one.kind for one in Transfer.objects.of_account(account.pk)] == ["opening_balance"]
    with in_operator(house.beta):
        assert not CustomerTemplate.objects.exists()
        assert not DeviceTemplate.objects.exists()


@pytest.mark.parametrize("gift", [{"credit_limit": "10"}, {"opening_balance": "0.01"}])
def test_sign_up_and_a_present_must_be_typed_out_at_every_door(house, browser_for, kit, gift):
    rita = browser_for(house.acme, "rita")
    typed = {"typed": "Acme Telecom"}
    # Signing up is off: a present is the operator's own affair.
    assert rita.post("/sign-ups/customers/default/", TEMPLATE | gift).status_code == 302
    refused = rita.post("/sign-ups/settings/", RULES)
    assert refused.status_code == 422
    assert "without having paid (Default)" in refused.content.decode()
    assert rita.post("/sign-ups/settings/", RULES | {"typed": "acme telecom"}).status_code == 422
    assert not rules_of(house.acme).enabled
    assert rita.post("/sign-ups/settings/", RULES | typed).status_code == 302
    # And the other way round.
    rita.post("/sign-ups/customers/default/", TEMPLATE)
    assert rita.post("/sign-ups/customers/default/", TEMPLATE | gift).status_code == 422
    assert rita.post("/sign-ups/customers/default/", TEMPLATE | gift | typed).status_code == 302
    rita.post("/sign-ups/customers/default/", TEMPLATE)
    # And by a plan.
    rita.post("/sign-ups/customers/new/", TEMPLATE | {"name": "Rich"} | gift)
    rita.post("/sign-ups/devices/default/", {"name": "D", "device_name": "D", "call_limit": "0", "ring_seconds": "60"})
    with in_operator(house.acme):
        rich, device = CustomerTemplate.objects.get(name="Rich"), DeviceTemplate.objects.get()
    plan = {"name": "Rich", "customer": rich.pk, "device": device.pk, "is_offered": "on", "position": "1", "typed": ""}
    assert rita.post("/sign-ups/offers/new/", plan).status_code == 422
    assert rita.post("/sign-ups/offers/new/", plan | typed).status_code == 302
    with in_operator(house.acme):
        assert Plan.objects.count() == 1


def test_credit_without_limit_never_goes_with_sign_up(house, browser_for):
    rita = browser_for(house.acme, "rita")
    unlimited = TEMPLATE | {"credit_limit": "", "typed": "Acme Telecom"}
    assert rita.post("/sign-ups/customers/default/", unlimited).status_code == 302
    answer = rita.post("/sign-ups/settings/", RULES | {"typed": "Acme Telecom"})
    assert answer.status_code == 422
    assert "credit without limit" in answer.content.decode()
    rita.post("/sign-ups/customers/default/", TEMPLATE)
    assert rita.post("/sign-ups/settings/", RULES).status_code == 302
    assert rita.post("/sign-ups/customers/default/", unlimited).status_code == 422


def test_beyond_the_presents_of_a_day_one_of_us_decides(house, browser_for, kit):
    with in_operator(house.acme):
        CustomerTemplate.objects.create(name="Gift", is_default=True, currency="EUR", opening_balance=Decimal(4))
    kit.open(house.acme, mode="instant", gifts_a_day=Decimal(10))
    nora = browser_for(house.acme)
    for number in range(3):
        kit.sign_up(nora, email=f"n{number}@example.org", ip=f"192.0.2.{number}")
    # 4 + 4 fit into 10; the third has to be confirmed and then waits.
    assert nora.post(kit.link(), {"password": kit.password}).headers["location"] == "/sign-up/approval/"
    with in_operator(house.acme):
        assert [one.state for one in SignUp.objects.order_by("pk")] == ["done", "done", "approval"]
        given = Account.objects.filter(pk__in=Customer.objects.filter(email__startswith="n").values("account_id"))
        assert [one.posted for one in given] == [Decimal(4), Decimal(4)]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"credit_limit": "-1"}, "be negative"), ({"opening_balance": "-0.01"}, "be negative"),
        ({"opening_balance": "NaN"}, "Enter a number"), ({"currency": "XXX"}, "valid choice"),
        ({"tariff": "99999"}, "valid choice"), ({"name": ""}, "required"), ({"name": "@x"}, "begin a name"),
        ({"call_limit": "9" * 20}, "At most"),
    ],
)  # fmt: skip
def test_a_bad_template_is_refused(house, browser_for, wrong, sentence):
    answer = browser_for(house.acme, "rita").post("/sign-ups/customers/new/", TEMPLATE | {"name": "New"} | wrong)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    with in_operator(house.acme):
        assert not CustomerTemplate.objects.exists()


def test_a_stranger_with_the_same_numbers_changes_nothing(house, browser_for, kit):
    """Ben of beta knows every number of acme's rows."""
    kit.open(house.acme, mode="approve")
    nora = browser_for(house.acme)
    kit.sign_up(nora)
    nora.post(kit.link(), {"password": kit.password})
    with in_operator(house.acme):
        row = SignUp.objects.get()
        template = CustomerTemplate.objects.create(name="T", currency="EUR")
        device = DeviceTemplate.objects.create(name="D")
        field = Field.objects.create(label="F")
        plan = Plan.objects.create(name="P", customer=template, device=device)
    ben = browser_for(house.beta, "ben")
    for path in (
        f"/sign-ups/{row.pk}/approve/", f"/sign-ups/{row.pk}/refuse/", f"/sign-ups/customers/{template.pk}/",
        f"/sign-ups/devices/{device.pk}/", f"/sign-ups/fields/{field.pk}/", f"/sign-ups/offers/{plan.pk}/",
    ):  # fmt: skip
        assert ben.post(path, {"name": "mine"}).status_code == 404, path
    assert "nora" not in ben.get("/sign-ups/").content.decode()
    with in_operator(house.acme):
        row.refresh_from_db()
        assert row.state == "approval"
    with in_operator(house.beta):
        assert not User.objects.filter(email="nora@example.org").exists()
