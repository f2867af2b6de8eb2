"""No byte that a reseller's people or customers get names the platform, the operator above, or what it is built with.

Every address of the URLconf and every link, picture, sheet and script that pages point at, as a stranger, as staff and
as a customer; bodies and headers. The website's editor under /cms/ brings its own library's words and is left out.
"""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from django.core import mail
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from portal.devices.create_device import create_device
from portal.devices.models import Device
from portal.people.create_customer import create_customer
from portal.people.invite_user import invite_user
from portal.people.models import Customer, User
from portal.tariffs.models import Tariff
from tenants.context import in_operator
from tenants.lookup import operator_by_id

WORDS = re.compile(rb"tandem|northwind|wagtail|django", re.IGNORECASE)
LINK = re.compile(r"""(?:href|src|action|hx-get|srcset)=["']([^"'#]+)""")
MOST = 600


def addresses() -> set[str]:
    """Every address of the URLconf outside of /cms/, with 1 (or EUR) for what it asks for."""
    found = set()

    def walk(patterns, namespace: str) -> None:
        for one in patterns:
            if isinstance(one, URLResolver):
                if "cms/" not in str(one.pattern) and "documents" not in str(one.pattern):
                    walk(one.url_patterns, one.namespace or namespace)
            elif isinstance(one, URLPattern) and one.name:
                asked = {name: "EUR" if name == "code" else 1 for name in one.pattern.converters}
                name = f"{namespace}:{one.name}" if namespace else one.name
                try:
                    found.add(reverse(name, kwargs=asked))
                except NoReverseMatch:
                    continue

    walk(get_resolver("config.urls").url_patterns, "")
    return found


def crawl(browser, start: set[str]) -> tuple[set[str], list[str]]:
    """Visits `start` and all that it leads to on this host; who was visited, and what was found where."""
    waiting, seen, found = sorted(start), set(), []
    while waiting and len(seen) < MOST:
        path = waiting.pop()
        if path in seen or path.startswith("/cms/"):
            continue
        seen.add(path)
        answer = browser.get(path)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items()).encode()
        head += answer.cookies.output().encode()
        for where, text in (("body", body), ("head", head)):
            if hit := WORDS.search(text):
                context = text[max(0, hit.start() - 60) : hit.end() + 60]
                found.append(f"{path} ({answer.status_code}, {where}): {context!r}")
        if "html" in answer.headers.get("Content-Type", ""):
            for link in LINK.findall(body.decode()):
                target = urlsplit(urljoin(path, unescape(link)))
                if not target.netloc:
                    waiting.append(target.path + (f"?{target.query}" if target.query else ""))
    return seen, found


@pytest.fixture
def furnished(house):
    with in_operator(house.acme):
        carla = User.objects.get(username="carla")
        create_device(Device(customer=carla.customer, name="Desk"))
        Tariff.objects.create(name="Retail", currency="EUR")
    return house


@pytest.mark.parametrize("who", [None, "rita", "carla"])
def test_no_page_header_script_or_sheet_of_a_reseller_names_it(furnished, browser_for, who):
    seen, found = crawl(browser_for(furnished.acme, who), addresses() | {"/nothing/", "/brand/x", "/static/nothing.js"})
    assert found == []
    assert len(seen) > 60
    assert any(path.startswith("/static/") and path.endswith(".js") for path in seen)
    assert "/manifest.webmanifest" in {path.partition("?")[0] for path in seen}


def test_the_crawl_finds_what_is_there(furnished, browser_for):
    with in_operator(furnished.acme):
        create_customer(Customer(name="Northwind Traders", currency="EUR"))
    _, found = crawl(browser_for(furnished.acme, "rita"), {"/customers/"})
    assert found


@pytest.mark.parametrize("method", ["post", "put", "delete", "options"])
def test_refusals_do_not_name_it_either(furnished, browser_for, method):
    from django.test import Client

    strict = Client(headers={"host": "acme.localhost"}, enforce_csrf_checks=True, raise_request_exception=False)
    for path in ("/sign-in/", "/", "/nothing/", "/brand.css", "/calls/", "/static/x"):
        answer = getattr(strict, method)(path)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert not WORDS.search(body), (method, path, body[:2000])
        assert not WORDS.search(str(dict(answer.headers)).encode()), (method, path)


def test_a_page_that_breaks_does_not_name_it(furnished, browser_for, monkeypatch):
    from django.test import Client

    def broken(*args):
        raise RuntimeError("Tandem and Django broke")

    monkeypatch.setattr("portal.home.views.brand_css", broken)
    answer = Client(headers={"host": "acme.localhost"}, raise_request_exception=False).get("/brand.css")
    assert answer.status_code == 500
    assert not WORDS.search(answer.content) and not WORDS.search(str(dict(answer.headers)).encode())


def test_an_unknown_host_names_nobody(house):
    from django.test import Client

    for host in ("evil.example", "127.0.0.1", "b\u00e4d..host", "x" * 300):
        answer = Client(headers={"host": host}).get("/internal/may-have-certificate?domain=acme.localhost")
        assert answer.status_code in (400, 404) and not WORDS.search(answer.content)


def test_no_mail_of_a_reseller_names_it(furnished, browser_for):
    acme = operator_by_id(furnished.acme.pk)
    with in_operator(acme):
        customer = Customer.objects.get(name="Carla Ltd")
        invite_user(acme, User(username="carl", email="carl@acme.localhost", role="customer", customer=customer))
    browser_for(acme).post("/password/forgotten/", {"email": "carla@acme.localhost"})
    assert len(mail.outbox) == 2
    for sent in mail.outbox:
        message = sent.message()
        assert not WORDS.search(message.as_bytes())
        assert message["Message-ID"].endswith("@acme.localhost>")
        assert message["From"].endswith("<no-reply@acme.localhost>")
        assert "http://acme.localhost" in sent.body
