"""The gallery in a real browser: no accessibility violation, no refused style or script, usable by keyboard alone."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

CHROMIUM = "/usr/bin/chromium"
ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not Path(CHROMIUM).exists() and os.environ.get("CI") != "true",
        reason="the gallery was not looked at: Chromium is missing (apt-get install chromium)",
    ),
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    shelf = os.pathsep.join([str(ROOT / "platform"), str(Path(__file__).parent)])
    environment = {**os.environ, "PYTHONPATH": shelf, "DJANGO_SETTINGS_MODULE": "gallery_settings"}
    command = [sys.executable, "-m", "django", "runserver", "--noreload", f"127.0.0.1:{port}"]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}/theme/"
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                urllib.request.urlopen(url, timeout=5).close()
                break
            except OSError:
                if time.monotonic() > deadline or server.poll() is not None:
                    raise
                time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, address):
    @contextmanager
    def open_page(path: str = "", width: int = 1280, scheme: str = "light", language: str = "en"):
        is_phone = width < 600
        context = chromium.new_context(
            viewport={"width": width, "height": 844}, color_scheme=scheme, has_touch=is_phone, is_mobile=is_phone,
            extra_http_headers={"Accept-Language": language},
        )  # fmt: skip
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(address + path)
        yield page
        context.close()
        assert said == []

    return open_page


PAGES = ["", "?toasts&primary=%23ffd400", "signed-out/?wrong", "error/404/?unbranded"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_has_no_accessibility_violation_and_does_not_scroll_sideways(visit, path, width, scheme) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with visit(path, width, scheme) as page:
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_right_to_left_page_does_not_scroll_sideways(visit) -> None:
    with visit(language="ar") as page:
        assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_targets_on_a_phone_are_44_pixels_high(visit) -> None:
    small = """() => [...document.querySelectorAll('a, button, summary, select, textarea, .input')]
        .filter(one => one.checkVisibility() && !one.closest('p, .notice, .skip'))
        .map(one => [one.className, one.textContent.trim().slice(0, 20), one.getBoundingClientRect().height])
        .filter(([, , height]) => height > 0 && height < 43.9)"""
    with visit(width=390) as page:
        assert page.evaluate(small) == []
    with visit("signed-out/", width=390) as page:
        assert page.evaluate(small) == []


def test_the_drawer_takes_the_focus_and_gives_it_back(visit) -> None:
    with visit(width=390) as page:
        page.get_by_role("button", name="Menu", exact=True).press("Enter")
        assert page.evaluate("document.activeElement.closest('dialog').id") == "drawer"
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.textContent.trim()") == "Menu"


def test_the_chosen_scheme_is_kept_and_the_menu_closes_by_keyboard(visit) -> None:
    with visit() as page:
        page.locator(".shell-top summary").press("Enter")
        page.get_by_role("button", name="Dark").press("Enter")
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
        page.reload()
        assert page.evaluate("document.documentElement.dataset.scheme") == "dark"
        assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(14, 16, 19)"


def test_the_first_tab_stop_skips_to_the_content(visit) -> None:
    with visit("signed-out/") as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to content"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"


def test_a_filter_replaces_only_the_list_and_stands_in_the_address(visit) -> None:
    with visit() as page:
        page.evaluate("window.sameDocument = true")
        page.get_by_label("State").first.select_option("failed")
        page.wait_for_url("**/?state=failed")
        assert page.evaluate("window.sameDocument")


def test_live_figures_arrive_and_the_connection_comes_back(visit) -> None:
    sockets = []
    with visit() as page:
        page.route_web_socket("**/ws/live/", lambda socket: sockets.append(socket))
        page.goto(page.url + "?live")
        page.get_by_text("Live", exact=True).wait_for()
        sockets[0].send('{"text": {"calls_now": "<b>13"}}')
        page.locator("[data-live=calls_now]").get_by_text("<b>13").wait_for()
        sockets[0].close()
        page.get_by_text("Reconnecting…").wait_for()
        page.get_by_text("Live", exact=True).wait_for()
        assert len(sockets) == 2
