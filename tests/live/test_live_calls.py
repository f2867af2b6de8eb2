"""The websocket against a real web process: whom it lets in, what each one hears, and that it is never too much."""

from __future__ import annotations

import time

import pytest
from websockets.exceptions import InvalidStatus

from portal.people.models import Customer
from tenants.context import in_operator


@pytest.fixture
def cookie(browser_for):
    def of(operator, user: str) -> str:
        return browser_for(operator, user).cookies["sessionid"].value

    return of


def test_rita_hears_that_a_call_began_and_ended(site, rows, socket_to, cookie, listen):
    with socket_to(site.acme, cookie(site.acme, "rita")) as rita:
        assert listen(rita) == {"text": {"calls_now": "0"}, "changed": []}
        call = rows.live(site.acme)
        assert listen(rita) == {"text": {"calls_now": "1"}, "changed": ["calls"]}
        rows.end(site.acme, call)
        assert listen(rita) == {"text": {"calls_now": "0"}, "changed": ["calls"]}


def test_nothing_of_acme_s_is_heard_at_beta_or_above(site, rows, socket_to, cookie, listen):
    with socket_to(site.beta, cookie(site.beta, "ben")) as ben, socket_to(site.root, cookie(site.root, "olga")) as olga:
        assert listen(ben)["text"] == listen(olga)["text"] == {"calls_now": "0"}
        rows.live(site.acme)
        assert listen(ben, 1.5) is None
        assert listen(olga, 0.1) is None


def test_carla_hears_of_her_own_calls_and_never_that_others_talk(site, rows, socket_to, cookie, listen):
    with in_operator(site.acme):
        hers = Customer.objects.get(name="Carla Ltd").pk
    keys = cookie(site.acme, "carla"), cookie(site.acme, "rita")
    with socket_to(site.acme, keys[0]) as carla, socket_to(site.acme, keys[1]) as rita:
        assert (listen(carla), listen(rita)) == ({"text": {"calls_now": "0"}, "changed": []},) * 2
        rows.live(site.acme, customer_id=hers + 1, customer="Rival")
        assert listen(rita)["text"] == {"calls_now": "1"}
        assert listen(carla, 1.5) is None
        rows.live(site.acme, customer_id=hers)
        assert listen(carla)["text"] == {"calls_now": "1"}
        assert listen(rita)["text"] == {"calls_now": "2"}


def refused(opening) -> bool:
    try:
        with opening:
            return False
    except InvalidStatus as answer:
        return answer.response.status_code == 403


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://beta.localhost", "null", None, "http://acme.localhost:1"]
)
def test_a_page_of_another_place_is_refused(site, socket_to, cookie, origin):
    assert refused(socket_to(site.acme, cookie(site.acme, "rita"), origin=origin))


def test_strangers_are_refused(site, socket_to, cookie):
    assert refused(socket_to(site.acme))
    assert refused(socket_to(site.acme, "x" * 32))
    assert refused(socket_to(site.acme, "'; select 1 --"))
    # Ben has the same number at beta that rita has at acme.
    assert refused(socket_to(site.acme, cookie(site.beta, "ben")))
    assert refused(socket_to(site.acme, cookie(site.acme, "rita"), host=f"nobody.localhost:{site.port}"))


def test_whoever_signed_out_is_refused(site, socket_to, browser_for):
    rita = browser_for(site.acme, "rita")
    key = rita.cookies["sessionid"].value
    assert not refused(socket_to(site.acme, key))
    rita.post("/sign-out/")
    assert refused(socket_to(site.acme, key))


def test_a_hundred_events_in_a_second_are_a_few_messages(site, rows, socket_to, cookie, listen):
    with socket_to(site.acme, cookie(site.acme, "rita")) as rita:
        listen(rita)
        until, heard = time.monotonic() + 2, []
        while time.monotonic() < until:
            for _ in range(5):
                rows.live(site.acme)
            if message := listen(rita, 0.05):
                heard.append(message)
        while message := listen(rita, 1):
            heard.append(message)
        assert 2 <= len(heard) <= 7
        # The last one tells how it ended, whatever was left out before.
        assert heard[-1]["text"]["calls_now"] == str(len(rows.ids))


def test_what_a_page_sends_is_not_listened_to(site, rows, socket_to, cookie, listen):
    with socket_to(site.acme, cookie(site.acme, "rita")) as rita:
        listen(rita)
        for text in ("{", "x" * 10_000, '{"type": "live.event"}'):
            rita.send(text)
        rita.send(b"\x00\xff")
        rows.live(site.acme)
        assert listen(rita)["text"]["calls_now"] == "1"


def test_the_log_has_no_errors(site):
    assert "Traceback" not in site.log.read_text()
