from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from tests.call_rows import call_rows
from tests.served import served


@pytest.fixture
def rows(site):
    with call_rows() as made:
        yield made


@pytest.fixture(scope="module")
def site(chromium, module_database, tmp_path_factory) -> Iterator[SimpleNamespace]:
    """The house, served. `site.url(operator, path)` is an address in it."""
    from tenants.lookup import operator_for_host

    house = {name: operator_for_host(f"{name}.localhost") for name in ("root", "acme", "beta")}
    log = tmp_path_factory.mktemp("web") / "web.log"
    with served(log) as port:
        yield SimpleNamespace(
            **house, port=port, log=log,
            url=lambda operator, path="/": f"http://{operator.main_domain}:{port}{path}",
        )  # fmt: skip


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread, and Django would take every query of a test for asynchronous code.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as play:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = play.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()
