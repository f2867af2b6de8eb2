"""Links: used, expired, foreign, invented, guessed. Addresses: one account each, and nobody learns whose is known."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from portal.devices.models import Device
from portal.people.models import Customer, User
from portal.signup.models import SignUp
from portal.signup.tasks import expire, expire_sign_ups
from tenants.context import in_operator


def test_a_used_link_is_dead_and_made_nothing_twice(house, browser_for, kit):
    kit.open(house.acme)
    nora = browser_for(house.acme)
    kit.sign_up(nora)
    path = kit.link()
    assert nora.post(path, {"password": kit.password}).status_code == 302
    for answer in (nora.get(path), nora.post(path, {"password": kit.password})):
        assert answer.status_code == 404
        assert "This link doesn't work any more" in answer.content.decode()
    with in_operator(house.acme):
        assert Customer.objects.filter(email="nora@example.org").count() == 1
        assert Device.objects.count() == 1


def test_an_old_link_is_dead_even_before_the_worker_came_by(house, browser_for, kit):
    kit.open(house.acme)
    nora = browser_for(house.acme)
    kit.sign_up(nora)
    with in_operator(house.acme):
        SignUp.objects.update(created_at=timezone.now() - timedelta(hours=48, seconds=1))
    assert nora.get(kit.link()).status_code == 404
    assert nora.post(kit.link(), {"password": kit.password}).status_code == 404
    with in_operator(house.acme):
        assert expire(timezone.now()) == 1
        one = SignUp.objects.get()
        assert (one.state, one.password, one.confirm_digest) == ("expired", "", None)
        assert expire(timezone.now()) == 0
        assert expire(timezone.now() + timedelta(days=31)) == 0
        assert not SignUp.objects.exists()


def test_a_link_of_acme_is_nothing_at_beta_where_a_sign_up_has_the_same_number(house, browser_for, kit):
    kit.open(house.acme)
    kit.open(house.beta)
    at_acme, at_beta = browser_for(house.acme), browser_for(house.beta)
    kit.sign_up(at_acme)
    path = kit.link()
    kit.sign_up(at_beta)
    with in_operator(house.acme):
        row = SignUp.objects.get()
    with in_operator(house.beta):
        # Even the very same row, to the last letter, would be opened by another token there.
        SignUp.objects.all().delete()
        row.save(force_insert=True)
    assert at_beta.get(path).status_code == 404
    assert at_beta.post(path, {"password": kit.password}).status_code == 404
    assert at_acme.post(path, {"password": kit.password}).status_code == 302
    welcome = f"/sign-up/welcome/{path.split('/')[-2]}/"
    assert at_beta.get(welcome).status_code == 404


@pytest.mark.parametrize("token", ["x", "a" * 5000, "..", "%00", "' or 1=1 --", "ж"])
def test_invented_links_are_dead(house, browser_for, kit, token):
    from urllib.parse import quote

    kit.open(house.acme)
    for kind in ("confirm", "welcome"):
        for method in ("get", "post"):
            answer = getattr(browser_for(house.acme), method)(f"/sign-up/{kind}/{quote(token, safe='')}/")
            assert answer.status_code == 404


def test_whoever_has_the_mail_but_not_the_password_gets_nothing(house, browser_for, kit):
    """Mallory signs up with Nora's address; Nora's click must not make an account whose password Mallory knows."""
    kit.open(house.acme)
    nora = browser_for(house.acme)
    kit.sign_up(nora, password="the password of mallory")
    for _ in range(5):
        assert nora.post(kit.link(), {"password": kit.password}).status_code == 422
    assert nora.post(kit.link(), {"password": "the password of mallory"}).status_code == 404
    with in_operator(house.acme):
        assert not User.objects.filter(email="nora@example.org").exists()


@pytest.mark.parametrize("mode", ["instant", "confirm", "approve"])
@pytest.mark.parametrize("address", ["carla@acme.localhost", "CARLA@ACME.LOCALHOST", "rita@acme.localhost"])
def test_a_known_address_gets_the_same_answer_and_another_mail(house, browser_for, kit, mode, address):
    kit.open(house.acme, mode=mode)
    browser = browser_for(house.acme)
    fresh = kit.sign_up(browser)
    known = kit.sign_up(browser, email=address)
    assert (fresh.status_code, fresh.headers["location"]) == (known.status_code, known.headers["location"])
    assert fresh.content == known.content
    assert "nothing was made" in kit.mails[-1].body
    assert kit.mails[-1].to == [address]
    with in_operator(house.acme):
        assert User.objects.filter(email__iexact=address).count() == 1
        assert not Customer.objects.filter(email__iexact=address).exists()


def test_a_known_address_takes_as_long(house, browser_for, kit):
    import time

    kit.open(house.acme)
    browser, taken = browser_for(house.acme), {}
    for who, address in (("warm", "w@example.org"), ("known", "carla@acme.localhost"), ("fresh", "f@example.org")):
        began = time.perf_counter()
        kit.sign_up(browser, email=address)
        taken[who] = time.perf_counter() - began
    assert 0.4 < taken["known"] / taken["fresh"] < 2.5


def test_an_address_is_one_however_its_case_is(house, browser_for, kit):
    kit.open(house.acme, mode="instant")
    nora = browser_for(house.acme)
    for address in ("nora@example.org", "NORA@EXAMPLE.ORG"):
        kit.sign_up(nora, email=address)
    with in_operator(house.acme):
        assert [one.state for one in SignUp.objects.order_by("pk")] == ["done", "repeated"]
        assert Customer.objects.filter(email__iexact="nora@example.org").count() == 1
    # At another operator she is somebody new.
    kit.open(house.beta, mode="instant")
    kit.sign_up(browser_for(house.beta))
    with in_operator(house.beta):
        assert SignUp.objects.get().state == "done"


def test_of_two_links_for_one_address_the_first_confirmed_counts(house, browser_for, kit):
    kit.open(house.acme)
    nora = browser_for(house.acme)
    kit.sign_up(nora)
    kit.sign_up(nora)
    first, second = kit.link(0), kit.link(1)
    assert nora.post(second, {"password": kit.password}).status_code == 302
    assert nora.post(first, {"password": kit.password}).status_code == 404
    with in_operator(house.acme):
        assert Customer.objects.filter(email="nora@example.org").count() == 1


@pytest.mark.parametrize("mode", ["instant", "confirm"])
def test_two_at_once_with_one_address_are_one_account(open_house, browser_for, kit, mode):
    kit.open(open_house.acme, mode=mode)
    browsers = [browser_for(open_house.acme) for _ in range(3)]
    if mode == "confirm":
        for browser in browsers:
            kit.sign_up(browser)
        paths = [kit.link(place) for place in range(3)]
    answers, start = [], threading.Barrier(3)

    def go(number: int) -> None:
        start.wait()
        try:
            if mode == "instant":
                answers.append(kit.sign_up(browsers[number]).status_code)
            else:
                answers.append(browsers[number].post(paths[number], {"password": kit.password}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=[number]) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ([302] * 3 if mode == "instant" else [302, 404, 404])
    with in_operator(open_house.acme):
        assert Customer.objects.filter(email="nora@example.org").count() == 1
        assert User.objects.filter(email="nora@example.org").count() == 1
        assert Device.objects.count() == 1


def test_the_worker_expires_at_every_operator(open_house, browser_for, kit):
    for operator in (open_house.acme, open_house.beta):
        kit.open(operator)
        kit.sign_up(browser_for(operator))
        with in_operator(operator):
            SignUp.objects.update(created_at=timezone.now() - timedelta(days=3))
    assert expire_sign_ups(0) == 2
    assert connection.schema_name == "public"


def test_logs_and_rows_hold_no_secret(house, browser_for, kit, caplog, capsys):
    kit.open(house.acme)
    nora = browser_for(house.acme)
    kit.sign_up(nora)
    token = kit.link().split("/")[-2]
    welcome = nora.post(kit.link(), {"password": kit.password}).headers["location"]
    with in_operator(house.acme):
        secret = SignUp.objects.get().sip_secret
        with connection.cursor() as cursor:
            cursor.execute("select json_agg(s)::text from signup_signup s")
            stored = cursor.fetchone()[0]
    kit.sign_up(nora, email="second@example.org")
    second = kit.link()
    # Neither a wrong password nor a link tried at the wrong operator may bring a living one into the logs.
    assert nora.post(second, {"password": "wrong"}).status_code == 422
    kit.open(house.beta)
    assert browser_for(house.beta).get(second).status_code == 404
    nora.post(welcome)
    assert nora.post(welcome).status_code == 404
    said = caplog.text + "".join(capsys.readouterr())
    for hidden in (kit.password, token, second.split("/")[-2], welcome.split("/")[-2], secret):
        assert hidden not in said
        assert hidden not in stored
