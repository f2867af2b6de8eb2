"""reCAPTCHA against a verifier of our own over real TLS: keys of each operator, both versions, and its absence."""

from __future__ import annotations

import datetime
import http.server
import json
import ssl
import threading
from urllib.parse import parse_qs

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.cache import cache
from django.db import connection

from portal.people.models import CaptchaKeys
from portal.signup.models import SignUp, SignUpRules
from tenants.context import in_operator

PASSWORD = "correct horse battery"
KEYS = {"acme-secret": "acme", "beta-secret": "beta"}


class Verifier(http.server.BaseHTTPRequestHandler):
    """Knows two secrets; a token is `<whose>-<score>-<action>`, good once the secret is of the same one."""

    said: dict[str, int] = {}

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.asked.append(sent)
        whose = KEYS.get(sent["secret"][0])
        parts = sent.get("response", [""])[0].split("-")
        if whose is None:
            answer = {"success": False, "error-codes": ["invalid-input-secret"]}
        elif parts[0] != whose or len(parts) != 3:
            answer = {"success": False, "error-codes": ["invalid-input-response"]}
        else:
            answer = {"success": True, "score": float(parts[1]), "action": parts[2], "hostname": "acme.localhost"}
        body = json.dumps(answer).encode() if self.server.is_sane else b"<html>"
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args) -> None:
        pass


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )  # fmt: skip
    )
    return path


@pytest.fixture
def verifier(certificate, settings, monkeypatch):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Verifier)
    server.asked, server.status, server.is_sane = [], 200, True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    settings.RECAPTCHA_DOMAIN = f"localhost:{server.server_port}"
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def _fresh(house):
    for operator in vars(house).values():
        with in_operator(operator):
            cache.clear()


def give_keys(operator, secret: str, version: str = "v2", threshold: str = "0.5") -> None:
    with in_operator(operator):
        CaptchaKeys.objects.update_or_create(
            pk=1, defaults={"site_key": "site-key", "secret": secret, "version": version, "threshold": threshold}
        )
        SignUpRules.objects.update_or_create(pk=1, defaults={"enabled": True})


def sign_up(browser, token: str | None, field: str = "g-recaptcha-response", **changes):
    form = {
        "email": "nora@example.org", "password": "battery staple 42 horses", "first_name": "Nora",
        "last_name": "Novak", "country": "LT",
    }  # fmt: skip
    return browser.post("/sign-up/", form | ({field: token} if token is not None else {}) | changes)


def count(operator) -> int:
    with in_operator(operator):
        return SignUp.objects.count()


def test_signing_up_needs_a_token_of_this_operator_s_keys(house, browser_for, verifier):
    give_keys(house.acme, "acme-secret")
    nobody = browser_for(house.acme)
    for wrong in (None, "", "nonsense", "beta-0.9-x"):
        answer = sign_up(nobody, wrong)
        assert answer.status_code == 422
        assert "no robot" in answer.content.decode()
    assert count(house.acme) == 0
    assert sign_up(nobody, "acme-0.9-x").status_code == 302
    assert count(house.acme) == 1
    # The address is the one of the connection, never a header's.
    sign_up(nobody, "acme-0.9-x", email="b@example.org")
    assert verifier.asked[-1]["remoteip"] == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("token", "status"), [("acme-0.9-sign_up", 302), ("acme-0.5-sign_up", 302), ("acme-0.4-sign_up", 422),
                          ("acme-0.9-sign_in", 422), ("acme-0-sign_up", 422)]
)  # fmt: skip
def test_v3_needs_the_score_and_the_action(house, browser_for, verifier, token, status):
    give_keys(house.acme, "acme-secret", "v3")
    assert sign_up(browser_for(house.acme), token, "captcha").status_code == status


@pytest.mark.parametrize("trouble", ["gone", "error", "nonsense", "untrusted"])
def test_with_the_verifier_away_nobody_signs_up_but_people_sign_in(
    house, browser_for, verifier, trouble, settings, monkeypatch
):
    give_keys(house.acme, "acme-secret")
    if trouble == "gone":
        settings.RECAPTCHA_DOMAIN = "localhost:1"
    elif trouble == "error":
        verifier.status = 503
    elif trouble == "nonsense":
        verifier.is_sane = False
    else:
        monkeypatch.delenv("SSL_CERT_FILE")
    nobody = browser_for(house.acme)
    answer = sign_up(nobody, "acme-0.9-x")
    assert answer.status_code == 422
    assert "We can&#x27;t check at the moment" in answer.content.decode()
    assert count(house.acme) == 0
    for _ in range(4):
        nobody.post("/sign-in/", {"username": "rita", "password": "wrong"})
    # No browser gets a token either, so none is sent.
    assert nobody.post("/sign-in/", {"username": "rita", "password": PASSWORD}).status_code == 302
    # Open, but limited.
    for _ in range(10):
        nobody.post("/sign-in/", {"username": "carla", "password": "wrong"})
    late = nobody.post("/sign-in/", {"username": "carla", "password": PASSWORD})
    assert "Try again in 15 minutes" in late.content.decode()


def test_signing_in_asks_after_three_failures_of_a_name(house, browser_for, verifier):
    give_keys(house.acme, "acme-secret")
    nobody = browser_for(house.acme)
    wrong = {"username": "rita", "password": "wrong"}
    pages = [nobody.post("/sign-in/", wrong).content.decode() for _ in range(3)]
    assert ["g-recaptcha" in page for page in pages] == [False, False, True]
    right = {"username": "rita", "password": PASSWORD}
    for token in ("", "beta-0.9-x"):
        answer = nobody.post("/sign-in/", right | {"g-recaptcha-response": token})
        assert answer.status_code == 422
        assert "no robot" in answer.content.decode()
    # Others aren't asked.
    assert nobody.post("/sign-in/", {"username": "carla", "password": PASSWORD}).status_code == 302
    assert nobody.post("/sign-in/", right | {"g-recaptcha-response": "acme-0.9-x"}).status_code == 302


def test_only_pages_that_ask_may_talk_to_google(house, browser_for, verifier):
    give_keys(house.acme, "acme-secret")
    with in_operator(house.beta):
        SignUpRules.objects.create(enabled=True)
    nobody = browser_for(house.acme)
    assert "recaptcha" in nobody.get("/sign-up/").headers["content-security-policy"]
    for browser, path in ((nobody, "/sign-in/"), (browser_for(house.acme, "rita"), "/sign-ups/captcha/"),
                          (browser_for(house.beta), "/sign-up/")):  # fmt: skip
        answer = browser.get(path)
        assert "recaptcha/" not in answer.headers["content-security-policy"], path
        assert "data-captcha-host" not in answer.content.decode()
    policy = nobody.get("/sign-up/").headers["content-security-policy"]
    assert "'unsafe-inline'" not in policy
    assert "script-src 'self'" in policy


def test_rita_sets_the_keys_and_nobody_reads_the_secret_again(house, browser_for, verifier, caplog):
    rita = browser_for(house.acme, "rita")
    form = {"version": "v2", "site_key": "site-key_1", "secret": "acme-secret", "threshold": "0.5"}
    assert rita.post("/sign-ups/captcha/", form).status_code == 302
    assert "acme-secret" not in rita.get("/sign-ups/captcha/").content.decode()
    with in_operator(house.acme), connection.cursor() as cursor:
        assert CaptchaKeys.objects.get().secret == "acme-secret"
        cursor.execute("select secret from people_captchakeys")
        assert "acme-secret" not in cursor.fetchone()[0]
    # Left empty it stays; a new one is tried first.
    assert rita.post("/sign-ups/captcha/", form | {"secret": "", "version": "v3"}).status_code == 302
    wrong = rita.post("/sign-ups/captcha/", form | {"secret": "unknown"})
    assert "know this secret key" in wrong.content.decode()
    for bad in ({"site_key": "<script>"}, {"threshold": "2"}, {"threshold": "NaN"}, {"version": "v9"}):
        assert rita.post("/sign-ups/captcha/", form | bad).status_code == 422
    with in_operator(house.acme):
        keys = CaptchaKeys.objects.get()
        assert (keys.secret, keys.version) == ("acme-secret", "v3")
    with in_operator(house.beta):
        assert not CaptchaKeys.objects.exists()
    assert "acme-secret" not in caplog.text
    # Without a site key it is off, and the secret is gone.
    assert rita.post("/sign-ups/captcha/", form | {"site_key": "", "secret": ""}).status_code == 302
    with in_operator(house.acme):
        assert CaptchaKeys.objects.get().secret == ""
