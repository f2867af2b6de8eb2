"""One call: what happened, what it cost, and which attempts belong to whom."""

from __future__ import annotations

from decimal import Decimal

import pytest


def test_causes_are_words(house, browser_for, rows):
    call = rows.call(house.acme, answered_at=None, talk_seconds=0, cause=211, caller='"><script>x()</script>')
    page = browser_for(house.acme, "rita").get(f"/calls/{call}/").content.decode()
    assert "Low balance, or the daily limit is reached" in page
    assert "<script>x()" not in page


def test_attempts_are_for_whoever_owns_the_provider(house, browser_for, rows):
    call = rows.call(house.acme)
    rows.call(house.root, id=call, level=1)
    rows.attempt(house.root, call)
    roots = browser_for(house.root, "olga").get(f"/calls/{call}/").content.decode()
    assert "Baltic Carrier" in roots
    assert "503" in roots
    for operator, user in ((house.acme, "rita"), (house.acme, "carla")):
        assert "Baltic Carrier" not in browser_for(operator, user).get(f"/calls/{call}/").content.decode()


def test_a_correction_is_added_to_what_stands_above(house, browser_for, rows):
    call = rows.call(house.acme, estimated=True, sell=Decimal("0.5"))
    rows.call(house.acme, id=call, revision=1, talk_seconds=-10, sell=Decimal("-0.2"), buy=0, buy_base=0, sell_base=0)
    page = browser_for(house.acme, "rita").get(f"/calls/{call}/")
    assert page.context["sold"] == Decimal("0.3")
    assert page.context["talked"] == 50
    assert "was estimated" in page.content.decode()
    assert "\u22120.2000" in page.content.decode()


@pytest.mark.parametrize("number", ["0", "9" * 18, "9" * 30, "9" * 4000])
def test_a_call_that_isn_t_there_is_404(house, browser_for, number):
    assert browser_for(house.acme, "rita").get(f"/calls/{number}/").status_code == 404
