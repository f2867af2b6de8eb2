"""Signing in and out: under the operator's own brand, one sentence for every failure, and not all day long."""

from __future__ import annotations

import time

import pytest
from django.core.cache import cache
from django.urls import reverse

from portal.people.models import User
from tenants.context import in_operator

PASSWORD = "correct horse battery"


WRONG = "That user name and password don&#x27;t go together."


@pytest.fixture(autouse=True)
def _no_failures_before(house):
    for operator in vars(house).values():
        with in_operator(operator):
            cache.clear()


def try_in(browser, name: str, password: str, **more):
    return browser.post(reverse("people:sign_in"), {"username": name, "password": password, **more})


def test_rita_signs_in_at_her_own_host(house, browser_for):
    browser = browser_for(house.acme)
    answer = try_in(browser, "rita", PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (302, "/dashboard/")
    page = browser.get("/dashboard/").content.decode()
    assert "Acme Telecom" in page
    assert "Northwind" not in page
    assert "Beta Voice" not in page


def test_the_page_shows_the_operator_s_brand_and_no_other_name(house, browser_for):
    for operator, others in ((house.acme, ("Northwind", "Beta")), (house.beta, ("Northwind", "Acme"))):
        page = browser_for(operator).get("/sign-in/").content.decode()
        assert operator.name in page
        assert not [name for name in (*others, "Tandem", "tandem") if name in page]


@pytest.mark.parametrize(
    "name", ["rita", "nobody", "ben", "olga", "RITA", "rita ' or 1=1 --", "<b>rita</b>", "r#ita", "ж" * 150]
)
def test_a_wrong_sign_in_says_the_same_whoever_was_meant(house, browser_for, name):
    answer = try_in(browser_for(house.acme), name, "wrong password")
    assert answer.status_code == 422
    assert WRONG in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("", ""), ("rita", ""), ("rita\x00", "x"), ("rita", "x\x00"), ("r" * 5000, "x"), ("rita", "x" * 5000),
        ("\x1b[2J", "x"),
    ],
)  # fmt: skip
def test_odd_input_is_one_sentence_and_never_an_error(house, browser_for, name, password):
    answer = try_in(browser_for(house.acme), name, password)
    assert answer.status_code == 422
    assert "notice" in answer.content.decode()


def test_a_locked_user_stays_out_and_hears_the_same(house, browser_for):
    with in_operator(house.acme):
        User.objects.filter(username="rita").update(is_active=False)
    answer = try_in(browser_for(house.acme), "rita", PASSWORD)
    assert WRONG in answer.content.decode()


def test_unknown_names_take_as_long_as_known_ones(house, browser_for):
    browser = browser_for(house.acme)

    def fastest(name: str) -> float:
        taken = []
        for _ in range(4):
            began = time.perf_counter()
            try_in(browser, name, "wrong password")
            taken.append(time.perf_counter() - began)
        return min(taken)

    known, unknown = fastest("rita"), fastest("nobody-at-all")
    assert 0.5 < unknown / known < 2


def test_after_ten_failures_even_the_right_password_waits(house, browser_for):
    browser = browser_for(house.acme)
    for _ in range(10):
        try_in(browser, "rita", "wrong")
    assert "Try again in 15 minutes" in try_in(browser, "Rita", "wrong").content.decode()
    assert "Try again in 15 minutes" in try_in(browser, "rita", PASSWORD).content.decode()
    # Neither another name, nor another address, nor another operator's rita is kept out.
    assert try_in(browser, "carla", PASSWORD).status_code == 302
    elsewhere = browser.post("/sign-in/", {"username": "rita", "password": PASSWORD}, REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 302
    with in_operator(house.beta):
        User.objects.create_user("rita", password=PASSWORD, role="reseller")
    assert try_in(browser_for(house.beta), "rita", PASSWORD).status_code == 302


def test_signing_in_starts_counting_anew(house, browser_for):
    browser = browser_for(house.acme)
    for _ in range(9):
        try_in(browser, "rita", "wrong")
    assert try_in(browser, "rita", PASSWORD).status_code == 302
    assert WRONG in try_in(browser_for(house.acme), "rita", "wrong").content.decode()


@pytest.mark.parametrize(
    ("wanted", "where"),
    [
        ("/calls/?number=370", "/calls/?number=370"), ("https://evil.example/", "/dashboard/"),
        ("//evil.example/", "/dashboard/"), ("http://beta.localhost/dashboard/", "/dashboard/"),
        ("javascript:alert(1)", "/dashboard/"), ("\\\\evil.example", "/dashboard/"), ("", "/dashboard/"),
    ],
)  # fmt: skip
def test_next_leads_only_to_this_very_host(house, browser_for, wanted, where):
    answer = try_in(browser_for(house.acme), "rita", PASSWORD, next=wanted)
    assert answer.headers["location"] == where


def test_the_wanted_page_survives_a_wrong_password(house, browser_for):
    page = try_in(browser_for(house.acme), "rita", "wrong", next="/calls/").content.decode()
    assert 'name="next" value="/calls/"' in page


def test_signing_out_is_a_post_and_ends_the_session(house, browser_for):
    browser = browser_for(house.acme, "rita")
    assert browser.get("/sign-out/").status_code == 405
    assert browser.get("/dashboard/").status_code == 200
    assert browser.post("/sign-out/").status_code == 302
    assert browser.get("/dashboard/").status_code == 302


def test_the_session_gets_a_new_key_at_sign_in(house, browser_for):
    browser = browser_for(house.acme)
    browser.get("/sign-in/")
    with in_operator(house.acme):
        session = browser.session
        session["planted"] = True
        session.save()
    browser.cookies["sessionid"] = session.session_key
    try_in(browser, "rita", PASSWORD)
    assert browser.cookies["sessionid"].value != session.session_key
