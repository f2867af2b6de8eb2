"""What Caddy asks before it gets a certificate."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from tenants.certificates import Bucket
from tests.domains.test_names import acceptable_domain

PATH = "/internal/may-have-certificate"


def ask(domain: str, key: str | None = None, **headers: str) -> int:
    browser = Client(headers={"host": "127.0.0.1:8000"} | headers)
    asked = {"domain": domain, "key": settings.CERTIFICATE_KEY if key is None else key}
    return browser.get(PATH, asked, follow=True).status_code


def test_verified_domains_may_and_no_others(open_house, claimed):
    waiting = claimed(open_house.acme, "waiting.example")
    claimed(open_house.acme, prove=True)
    assert [ask(name) for name in ("acme.localhost", "voice.acme.example", "VOICE.acme.example.")] == [200, 200, 200]
    for name in (waiting.domain, "evil.example", "www.voice.acme.example", "", "x", "127.0.0.1",
                 "*.acme.example",
                 "voice.acme.example\n", "voice.acme.example/x", "a" * 300, "voice.acme.example'; select"):  # fmt: skip
        assert ask(name) == 404, name


def test_without_the_key_it_is_a_page_that_is_not_there(house):
    for key in ("", "wrong", settings.CERTIFICATE_KEY[:-1], settings.CERTIFICATE_KEY + "x", "ü"):
        assert ask("acme.localhost", key) == 404
        assert ask("acme.localhost", key, host="acme.localhost") == 404
    assert (
        Client(headers={"host": "acme.localhost"}).get(f"{PATH}?domain=acme.localhost", follow=True).status_code == 404
    )


def test_a_closed_operator_s_domains_get_no_more(open_house):
    from tenants.models import Operator

    Operator.objects.using("owner").filter(pk=open_house.beta.pk).update(state="closed")
    assert ask("beta.localhost") == 404 and ask("acme.localhost") == 200


def test_every_answer_costs_one_query(house, django_assert_num_queries):
    browser = Client(headers={"host": "127.0.0.1"})
    browser.get(PATH)
    for name in ("acme.localhost", "unknown.example"):
        with django_assert_num_queries(1):
            browser.get(PATH, {"domain": name, "key": settings.CERTIFICATE_KEY})


def test_trying_names_is_slowed_down(house, settings):
    settings.CERTIFICATE_QUESTIONS_PER_SECOND, settings.CERTIFICATE_QUESTIONS_AT_ONCE = 0.001, 5
    browser = Client(headers={"host": "127.0.0.1"})
    got = [
        browser.get(PATH, {"domain": f"n{number}.example", "key": settings.CERTIFICATE_KEY}).status_code
        for number in range(8)
    ]
    assert got == [404] * 5 + [429] * 3


def test_a_bucket_fills_again(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("tenants.certificates.time.monotonic", lambda: now[0])
    bucket = Bucket(per_second=2, burst=3)
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    now[0] += 0.5
    assert [bucket.take() for _ in range(2)] == [True, False]
    now[0] += 60
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]


@pytest.mark.parametrize("name", ["müller.de", "acme.co.uk", "例え.jp"])
def test_every_name_that_may_be_claimed_can_be_asked_for(name):
    from tenants.certificates import NAME

    assert NAME.fullmatch(acceptable_domain(name))
