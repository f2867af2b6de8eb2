"""The first two pages in a real browser: two brands, two widths, keyboard alone, no barrier, live figures."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from portal.people.models import Customer
from tenants.context import in_operator

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"
PEOPLE = {"acme": "rita", "beta": "ben", "root": "olga"}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Where to leave pictures for people to look at; nowhere unless somebody says so.
SHOTS = os.environ.get("SCREENSHOTS")


@pytest.fixture
def page_of(chromium, site):
    """A page of a width, that must neither complain on its console nor ask other hosts for anything."""
    opened, complaints = [], []

    def make(width: int):
        context = chromium.new_context(viewport={"width": width, "height": 844 if width < 500 else 900})
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if _is_trouble(said) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        home = f".localhost:{site.port}/"
        page.on("request", lambda asked: complaints.append(asked.url) if home not in asked.url else None)
        opened.append(context)
        return page

    yield make
    for context in opened:
        context.close()
    assert complaints == []


def _is_trouble(said) -> bool:
    # Chromium also says so when a form comes back with a sentence, status 422.
    return said.type in ("error", "warning") and "status of 422" not in said.text


def sign_in(page, site, operator, user: str) -> None:
    page.goto(site.url(operator, "/dashboard/"))
    page.fill("#id_username", user)
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == "/dashboard/")


def looked_at(page, name: str) -> None:
    """No barrier that axe knows (WCAG 2.2 AA), nothing wider than the screen; and a picture if wanted."""
    found = Axe().run(page, options={"runOnly": RULES})
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than the screen"
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


@pytest.mark.parametrize("width", [390, 1280])
def test_two_brands_at_two_widths(site, rows, page_of, width):
    colours = {}
    for name in ("acme", "beta"):
        operator = getattr(site, name)
        for _ in range(3):
            rows.call(operator)
        rows.live(operator)
        page = page_of(width)
        page.goto(site.url(operator, "/dashboard/"))
        assert operator.name in page.inner_text("main")
        looked_at(page, f"{name}-{width}-sign-in")
        colours[name] = page.eval_on_selector("button.button-primary", "it => getComputedStyle(it).backgroundColor")
        sign_in(page, site, operator, PEOPLE[name])
        page.get_by_text("Live", exact=True).wait_for()
        looked_at(page, f"{name}-{width}-dashboard")
    assert colours["acme"] != colours["beta"]


def test_by_keyboard_alone(site, page_of):
    page = page_of(1280)
    page.goto(site.url(site.acme, "/dashboard/"))
    focused = "document.activeElement.id || document.activeElement.textContent.trim()"
    assert page.evaluate(focused) == "id_username"
    page.keyboard.type("rita")
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "id_password"
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    page.get_by_text("don't go together").wait_for()
    page.locator("#id_username").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("rita")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    # The button to show the password lies between; then the one to sign in.
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "Sign in"
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == "/dashboard/")
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    # Out again: the menu of one's own opens and closes without a mouse.
    page.locator("summary", has_text="Your menu").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign out").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == "/sign-in/")


def test_live_calls_come_and_go_by_themselves(site, rows, page_of):
    page = page_of(1280)
    sign_in(page, site, site.acme, "rita")
    page.get_by_text("Live", exact=True).wait_for()
    assert "Nobody is calling" in page.inner_text("#live-calls")
    call = rows.live(site.acme, called="442071234567")
    page.get_by_text("442071234567").wait_for(timeout=5000)
    assert page.inner_text('[data-live="calls_now"]') == "1"
    rows.end(site.acme, call)
    page.get_by_text("Nobody is calling").wait_for(timeout=5000)
    assert page.inner_text('[data-live="calls_now"]') == "0"


@pytest.mark.parametrize("width", [390, 1280])
def test_no_barrier_on_any_page_of_these_rooms(site, rows, page_of, width):
    from portal.devices.create_device import create_device
    from portal.devices.models import Device

    with in_operator(site.acme):
        carla = Customer.objects.get(name="Carla Ltd")
        device, _ = create_device(Device(customer=carla, name=f"Desk {width}"))
    call = rows.call(site.acme, customer_id=carla.pk, device_id=device.pk, device_label="Desk", estimated=True)
    page = page_of(width)
    sign_in(page, site, site.acme, "rita")
    paths = [
        "/customers/", "/customers/new/", f"/customers/{carla.pk}/", f"/customers/{carla.pk}/edit/",
        f"/customers/{carla.pk}/users/new/", f"/billing/{carla.pk}/", f"/billing/{carla.pk}/move/", "/billing/above/",
        "/devices/", "/devices/new/", f"/devices/{device.pk}/", f"/devices/{device.pk}/edit/", "/calls/",
        f"/calls/{call}/", "/account/", "/account/password/", "/",
    ]  # fmt: skip
    for path in paths:
        page.goto(site.url(site.acme, path))
        page.wait_for_load_state("networkidle")
        looked_at(page, f"acme-{width}{path.replace('/', '_')}")
    page.context.clear_cookies()
    sign_in(page, site, site.acme, "carla")
    for path in ("/dashboard/", "/calls/", "/devices/", f"/devices/{device.pk}/", "/billing/", f"/calls/{call}/"):
        page.goto(site.url(site.acme, path))
        page.wait_for_timeout(300)
        looked_at(page, f"carla-{width}{path.replace('/', '_')}")


def test_a_new_device_is_made_and_its_secret_copied(site, page_of):
    page = page_of(390)
    sign_in(page, site, site.acme, "rita")
    page.goto(site.url(site.acme, "/devices/new/"))
    page.select_option("#id_customer", label="Carla Ltd")
    page.fill("#id_name", "Desk phone")
    page.get_by_role("button", name="Add device").click()
    page.wait_for_url("**/devices/*/")
    assert page.get_by_text("Shown only once").count() == 1
    looked_at(page, "acme-390-secret")
    page.reload()
    assert page.get_by_text("Shown only once").count() == 0
    page.get_by_role("button", name="Renew secret").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Renew secret").click()
    page.get_by_text("Shown only once").wait_for()
