"""What is refused or missing is told under the operator's own brand; an unknown host is told nothing."""

from __future__ import annotations

import pytest
from django.test import Client


@pytest.mark.parametrize(("user", "path", "status"), [("carla", "/customers/", 403), ("rita", "/nowhere/", 404)])
def test_under_the_operator_s_brand(house, browser_for, user, path, status):
    answer = browser_for(house.acme, user).get(path)
    text = answer.content.decode()
    assert answer.status_code == status
    assert "Acme Telecom" in text
    assert not [name for name in ("Northwind", "Beta", "Tandem", "Traceback") if name in text]


def test_an_unknown_host_is_nobody(house):
    answer = Client(headers={"host": "nobody.example"}).get("/sign-in/")
    assert answer.status_code == 404
    assert not [name for name in ("Northwind", "Acme", "Beta") if name in answer.content.decode()]


def test_the_brand_s_sheet_has_its_colours_and_may_be_kept(house, browser_for):
    acme, beta = (browser_for(one).get("/brand.css") for one in (house.acme, house.beta))
    assert acme.headers["content-type"].startswith("text/css")
    assert "max-age" in acme.headers["cache-control"]
    assert acme.content != beta.content


def test_a_broken_page_shows_no_trace(house, browser_for, monkeypatch):
    from portal.history import views

    def broken(*_):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(views, "_page", broken)
    rita = browser_for(house.acme, "rita")
    rita.raise_request_exception = False
    answer = rita.get("/calls/")
    assert answer.status_code == 500
    assert "secret detail" not in answer.content.decode()
    assert "Something broke on our side" in answer.content.decode()
