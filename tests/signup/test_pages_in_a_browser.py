"""Signing up in a real browser: two widths, keyboard alone, no barrier; and every page of this room."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from portal.devices.models import DeviceTemplate
from portal.people.models import Customer, CustomerTemplate
from portal.signup.models import Agreement, Field, Plan, SignUp, SignUpRules
from tenants.context import in_operator
from tests.served import served

pytestmark = pytest.mark.browser
PASSWORD = "battery staple 42 horses"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SHOTS = os.environ.get("SCREENSHOTS")


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as patch, sync_playwright() as play:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = play.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(chromium, module_database, tmp_path_factory) -> Iterator[SimpleNamespace]:
    from tenants.lookup import operator_for_host

    acme, root = (operator_for_host(f"{name}.localhost") for name in ("acme", "root"))
    with in_operator(acme):
        SignUpRules.objects.create(enabled=True, most_an_hour=1000)
        basic = CustomerTemplate.objects.create(name="Basic", currency="EUR", is_default=True)
        phone = DeviceTemplate.objects.create(name="Phone", device_name="Phone", is_default=True)
        Plan.objects.create(name="Private", description="One call at a time", customer=basic, device=phone)
        Plan.objects.create(name="Business", description="Many calls at a time", customer=basic, device=phone)
        Agreement.objects.create(version=1, text="Be kind.\n\nPay in time.", published_by="rita")
        Field.objects.create(label="How did you find us?", kind="select", choices="By a friend\nOn the web")
    box = tmp_path_factory.mktemp("mail")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
        with served(tmp_path_factory.mktemp("web") / "web.log") as port:
            yield SimpleNamespace(
                acme=acme, root=root, box=box,
                url=lambda operator, path: f"http://{operator.main_domain}:{port}{path}",
            )  # fmt: skip


@pytest.fixture
def page_of(chromium, site):
    opened, complaints = [], []

    def make(width: int):
        context = chromium.new_context(viewport={"width": width, "height": 844 if width < 500 else 900})
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if _is_trouble(said) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        opened.append(context)
        return page

    yield make
    for context in opened:
        context.close()
    assert complaints == []


def _is_trouble(said) -> bool:
    return said.type in ("error", "warning") and not re.search("status of (422|404|503)", said.text)


def looked_at(page, name: str) -> None:
    found = Axe().run(page, options={"runOnly": RULES})
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than the screen"
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def mailed_link(address: str) -> str:
    """The link in the newest mail to an address, from the web process's own mail folder."""
    from django.conf import settings

    for _ in range(50):
        files = sorted(Path(settings.EMAIL_FILE_PATH).glob("*.log"), key=lambda one: one.stat().st_mtime, reverse=True)
        for one in files:
            text = one.read_text()
            if f"To: {address}" in text:
                return re.search(r"https?://[^/\s]+(/\S+)", text)[1]
        time.sleep(0.1)
    raise LookupError(f"No mail to {address}.")


@pytest.mark.parametrize("width", [390, 1280])
def test_nora_signs_up_by_keyboard_and_gets_her_phone(site, page_of, width):
    page = page_of(width)
    address = f"nora{width}@example.org"
    page.goto(site.url(site.acme, "/sign-in/"))
    page.get_by_role("link", name="Create an account").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-up/")
    looked_at(page, f"{width}-sign-up")
    page.get_by_role("radio", name="Business").focus()
    page.keyboard.press("Space")
    for name, text in (
        ("email", address), ("password", PASSWORD), ("first_name", "Nora"), ("last_name", f"Novak {width}"),
        ("phone", "+370 612 34567"),
    ):  # fmt: skip
        page.focus(f"#id_{name}")
        page.keyboard.type(text)
    page.focus("#id_country")
    page.keyboard.type("Lith")
    # Not agreed yet: a sentence, and what was typed is still there.
    page.focus("#id_last_name")
    page.keyboard.press("Enter")
    page.get_by_text("Without agreeing you can't sign up.").first.wait_for()
    looked_at(page, f"{width}-sign-up-refused")
    assert page.input_value("#id_email") == address
    page.focus("#id_password")
    page.keyboard.type(PASSWORD)
    page.focus("#id_agree")
    page.keyboard.press("Space")
    page.focus("#id_last_name")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-up/sent/")
    looked_at(page, f"{width}-sent")
    page.goto(site.url(site.acme, mailed_link(address)))
    looked_at(page, f"{width}-confirm")
    page.focus("#id_password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-up/welcome/**")
    looked_at(page, f"{width}-welcome")
    page.get_by_role("button", name="Show the SIP secret").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Shown only once").wait_for()
    looked_at(page, f"{width}-secret")
    page.goto(site.url(site.acme, mailed_link(address)))
    page.get_by_role("heading", name="This link doesn't work any more").wait_for()
    looked_at(page, f"{width}-dead")
    page.goto(site.url(site.acme, "/sign-in/"))
    page.fill("#id_username", address)
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == "/dashboard/")
    with in_operator(site.acme):
        Agreement.objects.create(version=int(width), text=f"Be very kind, {width}.", published_by="rita")
    page.context.clear_cookies()
    page.goto(site.url(site.acme, "/sign-in/"))
    page.fill("#id_username", address)
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/agree/")
    looked_at(page, f"{width}-agree")
    page.check("#id_agree")
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url(lambda url: urlsplit(url).path == "/dashboard/")


@pytest.mark.parametrize("width", [390, 1280])
def test_no_barrier_on_the_pages_of_staff(site, page_of, width):
    with in_operator(site.acme):
        plan = Plan.objects.first()
        field = Field.objects.get(key="")
        SignUp.objects.get_or_create(
            email_key=f"wait{width}@example.org", state="approval",
            defaults={
                "email": f"wait{width}@example.org", "name": "Waiting Ltd", "country": "LT", "network": "192.0.2.1",
                "ip": "192.0.2.1", "created_at": "2026-11-23T06:00:00Z", "plan": plan,
            },
        )  # fmt: skip
    with in_operator(site.root):
        reseller = Customer.objects.get(operator_id=site.acme.pk).pk
    visits = {
        (site.acme, "rita"): [
            "/sign-ups/", "/sign-ups/settings/", "/sign-ups/captcha/", "/sign-ups/fields/", "/sign-ups/fields/new/",
            "/sign-ups/fields/city/", f"/sign-ups/fields/{field.pk}/", "/sign-ups/agreement/", "/sign-ups/offers/",
            "/sign-ups/offers/new/", f"/sign-ups/offers/{plan.pk}/", "/sign-ups/customers/default/",
            "/sign-ups/devices/default/", "/colleagues/", "/colleagues/new/", "/customers/new/",
            "/sign-up/agreement/",
        ],
        (site.root, "olga"): [
            "/reseller-terms/", "/reseller-terms/default/", "/reseller-terms/groups/new/",
            f"/customers/{reseller}/", f"/customers/{reseller}/reseller/",
        ],
    }  # fmt: skip
    for (operator, person), paths in visits.items():
        page = page_of(width)
        page.goto(site.url(operator, "/sign-in/"))
        page.fill("#id_username", person)
        page.fill("#id_password", "correct horse battery")
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: urlsplit(url).path == "/dashboard/")
        for path in paths:
            page.goto(site.url(operator, path))
            looked_at(page, f"{width}{path.replace('/', '_')}")
