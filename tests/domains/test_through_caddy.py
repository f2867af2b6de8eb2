"""Own domains through a real Caddy: certificates for whom they belong to, and nothing for anybody else."""

from __future__ import annotations

import json
import os
import shutil
import ssl
from collections.abc import Iterator
from types import SimpleNamespace

import httpx
import pytest
from django.conf import settings

from tests.call_rows import call_rows
from tests.domains.caddy import caddy
from tests.served import served

pytestmark = pytest.mark.skipif(
    shutil.which("caddy") is None and os.environ.get("CI") != "true", reason="needs Caddy: apt-get install caddy"
)
OWN, WAITING = "voice.acme.example", "waiting.acme.example"


@pytest.fixture(scope="module")
def site(module_database, tmp_path_factory) -> Iterator[SimpleNamespace]:
    """The house behind Caddy. acme has an active own domain and a claim that waits."""
    from django.utils import timezone

    from tenants.lookup import operator_for_host
    from tenants.models import Domain

    house = {name: operator_for_host(f"{name}.localhost") for name in ("root", "acme", "beta")}
    now, acme = timezone.now(), house["acme"]
    owners = Domain.objects.using("owner")
    owners.bulk_create(
        [
            Domain(tenant=acme, domain=OWN, is_primary=False, token="a" * 64, verified_at=now, active_at=now),
            Domain(tenant=acme, domain="new.acme.example", is_primary=False, token="b" * 64, verified_at=now),
            Domain(tenant=acme, domain=WAITING, is_primary=False, token="c" * 64),
        ]
    )
    place = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BEHIND_PROXY", "1")
        with served(place / "web.log") as port, caddy(port, settings.CERTIFICATE_KEY, place) as proxy:
            yield SimpleNamespace(**house, proxy=proxy, web=port)


def ask(site, host: str, path: str = "/sign-in/", sni: str = "", **headers: str) -> httpx.Response:
    with httpx.Client(verify=site.proxy.trust(), timeout=20) as client:
        request = client.build_request(
            "GET", f"https://127.0.0.1:{site.proxy.https}{path}", headers={"host": host} | headers,
            extensions={"sni_hostname": sni or host},
        )  # fmt: skip
        return client.send(request)


@pytest.mark.parametrize("host", [OWN, "new.acme.example", "acme.localhost", "beta.localhost"])
def test_a_verified_domain_gets_a_certificate_and_its_operator_s_brand(site, host):
    with site.proxy.connect(host) as wire:
        names = [value for kind, value in wire.getpeercert()["subjectAltName"] if kind == "DNS"]
    assert names == [host]
    answer = ask(site, host)
    assert answer.status_code == 200
    own, other = ("Beta Voice", "Acme Telecom") if host.startswith("beta") else ("Acme Telecom", "Beta Voice")
    assert own in answer.text and other not in answer.text and "Northwind" not in answer.text


@pytest.mark.parametrize("host", [WAITING, "evil.example", "www.voice.acme.example", "localhost"])
def test_any_other_name_gets_no_tls_at_all(site, host):
    with pytest.raises((ssl.SSLError, ConnectionError)):
        site.proxy.connect(host)


def test_a_forged_host_behind_a_good_certificate_is_nobody(site):
    for forged in ("evil.example", WAITING, "127.0.0.1"):
        answer = ask(site, forged, sni=OWN)
        assert answer.status_code in (400, 404, 421)
        assert "Acme" not in answer.text


def test_forged_forwarding_headers_count_for_nothing(site):
    answer = ask(
        site,
        OWN,
        **{"x-forwarded-host": "beta.localhost", "x-forwarded-proto": "http", "forwarded": "host=beta.localhost"},
    )
    assert "Acme Telecom" in answer.text and "Beta" not in answer.text
    assert "strict-transport-security" in answer.headers, "the scheme is Caddy's to say"


def test_cookies_are_bound_to_the_host_and_to_tls(site):
    cookies = ask(site, OWN).headers.get_list("set-cookie")
    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Host-") and "Secure" in cookie and "Path=/" in cookie and "Domain" not in cookie


def test_only_active_domains_insist_on_tls(site):
    assert ask(site, OWN).headers["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" not in ask(site, "new.acme.example").headers


def test_headers_say_what_browsers_need_and_nothing_of_the_machinery(site):
    for path in ("/sign-in/", "/nothing/", "/brand.css", "/static/theme/css/tokens.css"):
        headers = ask(site, OWN, path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert "server" not in headers and "via" not in headers and "x-powered-by" not in headers
        assert not any(word in str(headers).lower() for word in ("caddy", "uvicorn", "tandem", "django"))
    assert "default-src 'self'" in ask(site, OWN).headers["content-security-policy"]


def test_the_question_can_not_be_asked_from_outside(site):
    for path in (
        f"/internal/may-have-certificate?domain={OWN}&key={settings.CERTIFICATE_KEY}",
        f"/internal%2fmay-have-certificate?domain={OWN}&key={settings.CERTIFICATE_KEY}",
        f"//internal/may-have-certificate?domain={OWN}&key={settings.CERTIFICATE_KEY}",
    ):
        assert ask(site, OWN, path).status_code == 404, path


def test_plain_http_is_sent_over_to_tls(site):
    answer = httpx.get(f"http://127.0.0.1:{site.proxy.http}/sign-in/", headers={"host": OWN})
    assert answer.status_code in (301, 308)
    assert answer.headers["location"].startswith(f"https://{OWN}")


def test_signing_in_and_live_calls_work_through_it(site):
    from websockets.sync.client import connect

    at = f"{OWN}:{site.proxy.https}"
    with httpx.Client(verify=site.proxy.trust(), timeout=20) as client:

        def go(method: str, path: str, **more) -> httpx.Response:
            more["headers"] = {"host": at, "referer": f"https://{at}/sign-in/"} | more.get("headers", {})
            url = f"https://127.0.0.1:{site.proxy.https}{path}"
            return client.send(client.build_request(method, url, extensions={"sni_hostname": OWN}, **more))

        page = go("GET", "/sign-in/")
        jar = {"__Host-csrf": page.cookies["__Host-csrf"]}
        token = page.text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        form = {"username": "rita", "password": "correct horse battery", "csrfmiddlewaretoken": token}
        cookie = "; ".join(f"{name}={value}" for name, value in jar.items())
        forged = go("POST", "/sign-in/", data=form, headers={"cookie": cookie, "origin": "https://evil.example"})
        assert forged.status_code == 403
        entered = go("POST", "/sign-in/", data=form, headers={"cookie": cookie, "origin": f"https://{at}"})
        assert entered.status_code == 302, entered.text
        session = entered.cookies["__Host-session"]
        for host, expected in ((OWN, 200), ("beta.localhost", 302)):
            request = client.build_request(
                "GET", f"https://127.0.0.1:{site.proxy.https}/dashboard/",
                headers={"host": host, "cookie": f"__Host-session={session}"}, extensions={"sni_hostname": host},
            )  # fmt: skip
            assert client.send(request).status_code == expected, host
    wire = site.proxy.connect(OWN, ["http/1.1"])
    with connect(
        f"ws://{at}/live/", sock=wire, origin=f"https://{at}",
        additional_headers={"Cookie": f"__Host-session={session}"}, proxy=None, open_timeout=10,
    ) as live, call_rows() as rows:  # fmt: skip
        assert json.loads(live.recv(timeout=5))["text"]["calls_now"] == "0"
        rows.live(site.acme)
        assert json.loads(live.recv(timeout=5))["text"]["calls_now"] == "1"
    from websockets.exceptions import InvalidStatus, WebSocketException

    with pytest.raises((InvalidStatus, WebSocketException)):
        wire = site.proxy.connect(OWN, ["http/1.1"])
        with connect(f"ws://{at}/live/", sock=wire, origin="https://evil.example",
                     additional_headers={"Cookie": f"__Host-session={session}"}, proxy=None) as live:  # fmt: skip
            live.recv(timeout=5)
