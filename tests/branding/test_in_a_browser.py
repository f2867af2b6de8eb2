"""The pages of branding and domains in a real browser: two widths, no barrier, keyboard alone, a live preview."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.conf import settings

from tenants.context import in_operator
from tests.branding.conftest import picture
from tests.browser.conftest import chromium, site  # noqa: F401 (fixtures)

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("SCREENSHOTS")
TEAL = "rgb(15, 118, 110)"


@pytest.fixture
def open_page(site, chromium, browser_for):  # noqa: F811
    """`open_page(width)` is a window that rita is signed in at; it must not complain."""
    opened, complaints = [], []

    def make(width: int):
        context = chromium.new_context(viewport={"width": width, "height": 844 if width < 500 else 900})
        name = settings.SESSION_COOKIE_NAME
        session = browser_for(site.acme, "rita").cookies[name].value
        context.add_cookies([{"name": name, "value": session, "domain": site.acme.main_domain, "path": "/"}])
        opened.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if trouble(said) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield make
    for context in opened:
        context.close()
    assert complaints == []


def trouble(said) -> bool:
    return said.type in ("error", "warning") and "status of 422" not in said.text


def looked_at(page, name: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page)
    assert found.violations_count == 0, (name, found.generate_report())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than the screen"
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


@pytest.fixture
def own_domains(site):  # noqa: F811
    """Three own domains of acme, one of each kind."""
    from django.utils import timezone

    from tenants.models import Domain

    now, owners = timezone.now(), Domain.objects.using("owner")
    owners.exclude(token="").delete()
    made = [
        Domain(tenant=site.acme, domain="voice.acme.example", is_primary=False, token="a" * 64, checked_at=now),
        Domain(
            tenant=site.acme, domain="xn--mller-kva.example", is_primary=False, token="b" * 64, checked_at=now,
            verified_at=now, active_at=now, proved_at=now,
        ),
        Domain(
            tenant=site.acme, domain="lost.acme.example", is_primary=False, token="c" * 64, checked_at=now,
            failed_at=now, failures=3, problem="There is no TXT record _portal.lost.acme.example yet.",
        ),
    ]  # fmt: skip
    owners.bulk_create(made)
    return [one.pk for one in owners.exclude(token="").order_by("token")]


@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_fits_and_has_no_barrier(site, open_page, own_domains, width):  # noqa: F811
    from tenants.models import Branding

    with in_operator(site.acme):
        Branding.objects.filter(pk=site.acme.pk).update(
            terms="<h2>Scope</h2><p>Between us and you.</p>", footer="© Acme Telecom Ltd"
        )
    page = open_page(width)
    paths = ["/branding/", "/branding/contact/", "/branding/legal/", "/branding/domains/", "/legal/terms/"]
    for path in [*paths, *(f"/branding/domains/{pk}/" for pk in own_domains)]:
        assert page.goto(site.url(site.acme, path)).status == 200
        page.wait_for_load_state("networkidle")
        looked_at(page, f"branding-{width}{path.replace('/', '_')}")
    page.goto(site.url(site.acme, "/branding/domains/"))
    page.fill("#id_domain", "127.0.0.1")
    page.get_by_role("button", name="Add domain").click()
    page.get_by_text("An address of numbers can't be a domain").first.wait_for()
    looked_at(page, f"branding-{width}-refused")


def test_a_look_is_tried_saved_and_seen_by_visitors(site, open_page, chromium):  # noqa: F811
    page = open_page(1280)
    page.goto(site.url(site.acme, "/branding/"))
    button = ".brand-preview-light .button-primary"
    colour = "it => getComputedStyle(it).backgroundColor"
    page.fill("#id_primary", "#0f766e")
    page.locator("#preview", has_text="#0f766e").wait_for()
    for _ in range(50):
        # The colour glides there.
        if page.eval_on_selector(button, colour) == TEAL:
            break
        page.wait_for_timeout(100)
    assert page.eval_on_selector(button, colour) == TEAL
    page.fill("#id_primary", "#ffee88")
    page.locator("#preview", has_text="adjusted to be readable").wait_for()
    page.fill("#id_primary", "#0f766e")
    page.set_input_files(
        "#id_new_logo", {"name": "logo.png", "mimeType": "image/png", "buffer": picture(colour="#0f766e")}
    )
    page.set_input_files(
        "#id_new_icon", {"name": "icon.png", "mimeType": "image/png", "buffer": picture(size=(64, 64))}
    )
    page.get_by_role("button", name="Save the look").click()
    page.get_by_text("The look was saved").wait_for()
    looked_at(page, "branding-1280-with-logo")
    visitor = chromium.new_context().new_page()
    visitor.goto(site.url(site.acme, "/sign-in/"))
    assert visitor.eval_on_selector("button.button-primary", colour) == TEAL
    logo = visitor.locator("img.brand-logo").first
    assert logo.evaluate("it => it.complete && it.naturalWidth") == 400
    told = visitor.evaluate("fetch('/manifest.webmanifest').then(answer => answer.json())")
    assert told["theme_color"] == "#0f766e" and len(told["icons"]) == 2
    visitor.context.close()


def test_a_domain_is_added_checked_and_removed_with_the_keyboard_alone(site, open_page, own_domains):  # noqa: F811
    page = open_page(390)
    page.goto(site.url(site.acme, "/branding/domains/"))
    page.locator("#id_domain").focus()
    page.keyboard.type("Portal.Acme.example")
    page.keyboard.press("Enter")
    page.get_by_text("_portal.portal.acme.example").first.wait_for()
    assert "acme.localhost" in page.inner_text("main") and "Waiting for the DNS" in page.inner_text("#domain-state")
    page.get_by_role("button", name="Check now").focus()
    page.keyboard.press("Enter")
    page.get_by_text("The DNS is being asked").wait_for()
    page.get_by_role("button", name="Remove domain").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Remove domain").focus()
    page.keyboard.press("Enter")
    page.get_by_text("portal.acme.example was removed").wait_for()


def test_the_state_on_the_page_follows_the_worker(site, open_page, own_domains):  # noqa: F811
    from django.utils import timezone

    from tenants.models import Domain

    page = open_page(1280)
    page.goto(site.url(site.acme, f"/branding/domains/{own_domains[0]}/"))
    page.locator("#domain-state", has_text="Waiting for the DNS").wait_for()
    now = timezone.now()
    Domain.objects.using("owner").filter(pk=own_domains[0]).update(verified_at=now, active_at=now)
    page.locator("#domain-state", has_text="The portal answers here").wait_for(timeout=15_000)
