"""Cookies, tokens and links of acme are replayed at beta, where users have the very same numbers."""

from __future__ import annotations

import re

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from portal.people.models import User
from portal.people.tokens import reset_tokens
from tenants.context import in_operator

PASSWORD = "correct horse battery"


def twin_keys(house) -> int:
    """Rita of acme and ben of beta have the same number; so the number alone never decides."""
    with in_operator(house.acme):
        rita = User.objects.get(username="rita").pk
    with in_operator(house.beta):
        assert User.objects.get(username="ben").pk == rita
    return rita


def test_a_session_cookie_of_acme_is_nobody_at_beta(house, browser_for):
    twin_keys(house)
    rita = browser_for(house.acme, "rita")
    at_beta = Client(headers={"host": "beta.localhost"})
    at_beta.cookies["sessionid"] = rita.cookies["sessionid"].value
    assert at_beta.get("/dashboard/").headers["location"].startswith("/sign-in/")
    assert rita.get("/dashboard/").status_code == 200


def test_even_the_session_row_copied_to_beta_is_nobody_there(house, browser_for):
    twin_keys(house)
    rita = browser_for(house.acme, "rita")
    key = rita.cookies["sessionid"].value
    with in_operator(house.acme):
        row = Session.objects.get(pk=key)
    with in_operator(house.beta):
        Session.objects.create(session_key=key, session_data=row.session_data, expire_date=row.expire_date)
    at_beta = Client(headers={"host": "beta.localhost"})
    at_beta.cookies["sessionid"] = key
    assert at_beta.get("/dashboard/").headers["location"].startswith("/sign-in/")


def test_a_reset_link_of_acme_opens_nothing_at_beta(house, browser_for):
    twin_keys(house)
    browser_for(house.acme).post("/password/forgotten/", {"email": "rita@acme.localhost"})
    path = re.search(r"http://acme\.localhost(?::\d+)?(/\S+)", mail.outbox[-1].body)[1]
    assert "This link doesn't work any more" in browser_for(house.beta).get(path, follow=True).content.decode()
    assert "Choose a new password" in browser_for(house.acme).get(path, follow=True).content.decode()


def test_a_reset_token_is_made_of_the_operator_too(house):
    number = twin_keys(house)
    with in_operator(house.acme):
        rita = User.objects.get(pk=number)
        token = reset_tokens.make_token(rita)
        assert reset_tokens.check_token(rita, token)
    with in_operator(house.beta):
        # The same row, to the last letter, at another operator.
        assert not reset_tokens.check_token(rita, token)


def test_an_acme_form_token_is_refused_at_beta(house):
    strict_acme = Client(headers={"host": "acme.localhost"}, enforce_csrf_checks=True)
    strict_beta = Client(headers={"host": "beta.localhost"}, enforce_csrf_checks=True)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', strict_acme.get("/sign-in/").content.decode())[1]
    strict_beta.get("/sign-in/")
    wrong = {"username": "ben", "password": PASSWORD, "csrfmiddlewaretoken": token}
    assert strict_beta.post("/sign-in/", wrong).status_code == 403
    assert strict_acme.post("/sign-in/", {"username": "rita", "password": PASSWORD}).status_code == 403


def test_a_form_sent_from_another_operator_s_page_is_refused(house):
    browser = Client(headers={"host": "beta.localhost"}, enforce_csrf_checks=True)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get("/sign-in/").content.decode())[1]
    form = {"username": "ben", "password": PASSWORD, "csrfmiddlewaretoken": token}
    for origin in ("http://acme.localhost", "http://evil.example", "null"):
        assert browser.post("/sign-in/", form, headers={"origin": origin}).status_code == 403
    assert browser.post("/sign-in/", form, headers={"origin": "http://beta.localhost"}).status_code == 302


def test_cookies_are_for_this_host_only_and_out_of_reach_of_scripts(house, browser_for):
    browser = browser_for(house.acme)
    browser.post("/sign-in/", {"username": "rita", "password": PASSWORD})
    cookie = browser.cookies["sessionid"]
    assert (cookie["domain"], cookie["httponly"], cookie["samesite"]) == ("", True, "Lax")


@pytest.mark.parametrize("uid", ["1", "999999999999999999999999", "x", "%00", "-1"])
def test_invented_links_are_just_old_links(house, browser_for, uid):
    sealed = urlsafe_base64_encode(force_bytes(uid))
    answer = browser_for(house.acme).get(f"/password/new/{sealed}/abc-def/", follow=True)
    assert answer.status_code == 200
    assert "This link doesn't work any more" in answer.content.decode()
