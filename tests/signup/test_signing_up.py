"""Nora signs up at acme: by mail, at once, or when rita has approved; and what she has then."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ledger.models import Account
from portal.devices.models import Device, NumberClaim
from portal.people.models import Customer, CustomerTemplate, User
from portal.signup.models import Plan, SignUp
from portal.tariffs.models import Tariff
from tenants.context import in_operator


def nothing_made(operator) -> bool:
    with in_operator(operator):
        return not (
            Device.objects.exists()
            or NumberClaim.objects.exists()
            or Customer.objects.filter(email="nora@example.org").exists()
            or User.objects.filter(email="nora@example.org").exists()
        )


def test_until_it_is_switched_on_there_is_no_page_and_no_link(house, browser_for, kit):
    nobody = browser_for(house.acme)
    assert nobody.get("/sign-up/").status_code == 404
    assert kit.sign_up(nobody).status_code == 404
    assert "/sign-up/" not in nobody.get("/sign-in/").content.decode()
    kit.open(house.acme)
    assert nobody.get("/sign-up/").status_code == 200
    assert 'href="/sign-up/"' in nobody.get("/sign-in/").content.decode()
    assert browser_for(house.beta).get("/sign-up/").status_code == 404


def test_an_unknown_host_is_404_and_nobody_s_customer(house, browser_for, kit, client):
    for operator in (house.root, house.acme, house.beta):
        kit.open(operator)
    for host in ("nobody.localhost", "acme.localhost.evil.example", "127.0.0.1"):
        assert client.post("/sign-up/", kit.filled(), headers={"host": host}).status_code == 404
        assert client.get("/sign-up/", headers={"host": host}).status_code == 404
    for operator in (house.root, house.acme, house.beta):
        with in_operator(operator):
            assert not SignUp.objects.exists()


def test_confirmed_by_mail_she_is_a_customer_of_acme_and_of_nobody_else(house, browser_for, kit):
    kit.open(house.acme)
    nora = browser_for(house.acme)
    answer = kit.sign_up(nora, email="Nora@Example.org", phone="+370 612 34567")
    assert (answer.status_code, answer.headers["location"]) == (302, "/sign-up/sent/")
    assert kit.mails[0].to == ["Nora@Example.org"]
    assert "acme.localhost" in kit.mails[0].from_email
    with in_operator(house.acme):
        assert SignUp.objects.get().state == "waiting"
        assert not Device.objects.exists()
        assert not NumberClaim.objects.exists()
        assert not Customer.objects.filter(email__iexact="nora@example.org").exists()
    path = kit.link()
    # Looking changes nothing, however often a mail scanner looks.
    for _ in range(3):
        assert nora.get(path).status_code == 200
    done = nora.post(path, {"password": kit.password})
    assert done.headers["location"].startswith("/sign-up/welcome/")
    with in_operator(house.acme):
        one = SignUp.objects.get()
        assert (one.state, one.customer.name, one.user.username) == ("done", "Nora Novak", "nora@example.org")
        assert Account.objects.get(pk=one.customer.account_id).floor == 0
        assert one.customer.details["Country"] == "LT"
        assert one.password == ""
    for other in (house.root, house.beta):
        with in_operator(other):
            assert not Customer.objects.filter(name="Nora Novak").exists()
    signed_in = nora.post("/sign-in/", {"username": "nora@example.org", "password": kit.password})
    assert signed_in.status_code == 302
    assert "Nora" in nora.get("/dashboard/").content.decode()


def test_the_secret_is_shown_once_and_only_by_a_post(house, browser_for, kit):
    kit.open(house.acme)
    nora = browser_for(house.acme)
    kit.sign_up(nora)
    welcome = nora.post(kit.link(), {"password": kit.password}).headers["location"]
    with in_operator(house.acme):
        secret = SignUp.objects.get().sip_secret
        assert len(secret) >= 16
        username = Device.objects.get().username
    seen = nora.get(welcome).content.decode()
    assert username in seen
    assert secret not in seen
    assert secret in nora.post(welcome).content.decode()
    for again in (nora.get(welcome), nora.post(welcome)):
        assert again.status_code == 404
        assert secret not in again.content.decode()
    with in_operator(house.acme):
        assert SignUp.objects.get().sip_secret == ""


def test_at_once_she_is_a_customer_and_hears_it_by_mail_only(house, browser_for, kit):
    kit.open(house.acme, mode="instant")
    nora = browser_for(house.acme)
    assert kit.sign_up(nora).headers["location"] == "/sign-up/sent/"
    assert nora.post("/sign-in/", {"username": "NORA@Example.org", "password": kit.password}).status_code == 302
    assert "/sign-up/welcome/" in kit.link()
    assert kit.password not in kit.mails[0].body


def test_approved_by_rita_she_is_a_customer_and_refused_she_is_nothing(house, browser_for, kit):
    kit.open(house.acme, mode="approve")
    nora, rita = browser_for(house.acme), browser_for(house.acme, "rita")
    kit.sign_up(nora)
    assert nora.post(kit.link(), {"password": kit.password}).headers["location"] == "/sign-up/approval/"
    assert nothing_made(house.acme)
    with in_operator(house.acme):
        one = SignUp.objects.get()
    assert "nora@example.org" in rita.get("/sign-ups/").content.decode()
    assert nora.post("/sign-in/", {"username": "nora@example.org", "password": kit.password}).status_code == 422
    rita.post(f"/sign-ups/{one.pk}/approve/")
    with in_operator(house.acme):
        one.refresh_from_db()
        assert (one.state, one.decided_by) == ("done", "rita")
    assert "/sign-up/welcome/" in kit.link()
    # A second click finds nothing that waits.
    assert "wait any more" in rita.post(f"/sign-ups/{one.pk}/refuse/", follow=True).content.decode()
    kit.sign_up(nora, email="eve@example.org")
    nora.post(kit.link(), {"password": kit.password})
    with in_operator(house.acme):
        eve = SignUp.objects.get(email="eve@example.org")
    rita.post(f"/sign-ups/{eve.pk}/refuse/")
    assert "can't give you an account" in kit.mails[-1].body
    assert "wait any more" in rita.post(f"/sign-ups/{eve.pk}/approve/", follow=True).content.decode()
    with in_operator(house.acme):
        assert not Customer.objects.filter(email="eve@example.org").exists()


def test_a_phone_number_is_only_a_note_until_it_is_proved(open_house, browser_for, kit):
    """20.1 number 17: the call engine's book knows nothing of it, as caller id or otherwise."""
    from exchange.compile_book import compile_book

    kit.open(open_house.acme, mode="instant")
    kit.sign_up(browser_for(open_house.acme), phone="861234567")
    with in_operator(open_house.acme):
        device = Device.objects.get()
        claim = NumberClaim.objects.get()
        assert (claim.number, claim.verified_at, device.caller_id) == ("37061234567", None, "")
    book = compile_book(open_house.acme.pk)
    mine = next(one for one in book.devices.values() if one.id == device.pk)
    assert (mine.caller_id, mine.caller_ids) == ("", ())
    assert "37061234567" not in repr(book)
    page = browser_for(open_house.acme, "rita").get(f"/devices/{device.pk}/").content.decode()
    assert "No call shows it before it is proved." in page


@pytest.mark.parametrize("typed", ["12", "+999999999999999999", "abc", "+370 612 34567 ext 5", "+1<script>"])
def test_what_is_no_phone_number_is_refused(house, browser_for, kit, typed):
    kit.open(house.acme)
    answer = kit.sign_up(browser_for(house.acme), phone=typed)
    assert answer.status_code == 422
    assert "phone number" in answer.content.decode()
    assert nothing_made(house.acme)


def test_a_plan_gives_what_its_templates_say(house, browser_for, kit):
    from portal.devices.models import DeviceTemplate

    with in_operator(house.acme):
        retail = Tariff.objects.create(name="Retail", currency="EUR", purpose=Tariff.Purpose.SELL)
        basic = CustomerTemplate.objects.create(name="Basic", currency="EUR", tariff=retail, call_limit=2)
        big = CustomerTemplate.objects.create(name="Big", currency="EUR", tariff=retail, call_limit=9)
        phone = DeviceTemplate.objects.create(name="Phone", device_name="My phone", ring_seconds=45, call_limit=2)
        Plan.objects.create(name="Start", customer=basic, device=phone)
        chosen = Plan.objects.create(name="Business", description="Many calls", customer=big, device=phone)
        hidden = Plan.objects.create(name="Secret", customer=big, device=phone, is_offered=False)
    kit.open(house.acme, mode="instant")
    nora = browser_for(house.acme)
    page = nora.get("/sign-up/").content.decode()
    assert "Business: Many calls" in page
    assert "Secret" not in page
    for wrong in ({}, {"plan": str(hidden.pk)}, {"plan": "0"}, {"plan": "1 or 1=1"}):
        assert kit.sign_up(nora, **wrong).status_code == 422
    assert kit.sign_up(nora, plan=str(chosen.pk)).status_code == 302
    with in_operator(house.acme):
        customer = SignUp.objects.get().customer
        assert (customer.tariff, customer.call_limit, customer.lcr, customer.currency) == (retail, 9, None, "EUR")
        device = Device.objects.get()
        assert (device.name, device.ring_seconds, device.call_limit) == ("My phone", 45, 2)
        assert Account.objects.get(pk=customer.account_id).posted == Decimal(0)


def test_customers_of_one_name_are_told_apart(house, browser_for, kit):
    kit.open(house.acme, mode="instant")
    nora = browser_for(house.acme)
    kit.sign_up(nora, company="Carla Ltd")
    kit.sign_up(nora, company="Carla Ltd", email="second@example.org")
    with in_operator(house.acme):
        assert sorted(Customer.objects.values_list("name", flat=True)) == [
            "Carla Ltd",
            "Carla Ltd (2)",
            "Carla Ltd (3)",
        ]


def test_a_full_operator_is_closed_before_the_form_and_says_nothing_of_plans(house, browser_for, kit, monkeypatch):
    from plans import gate
    from plans.allowance import Allowance

    kit.open(house.acme, mode="instant")
    real = gate.standing_of

    def tight(operator, **more):
        found = real(operator, **more)
        for level in found.levels:
            monkeypatch.setattr(type(level), "allowance", lambda self, key: Allowance(1), raising=False)
        return found

    monkeypatch.setattr(gate, "standing_of", tight)
    nora = browser_for(house.acme)
    for answer in (nora.get("/sign-up/"), kit.sign_up(nora)):
        assert answer.status_code == 503
        text = answer.content.decode()
        assert "get in touch" in text
        assert "<input" not in text.split("<main")[1].split("</main>")[0]
    with in_operator(house.acme):
        assert not SignUp.objects.exists()
