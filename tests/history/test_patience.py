"""A search through too much ends with a sentence and not with a page that never comes."""

from __future__ import annotations

from django.db import connection

from portal.history import views


def slowly(*_):
    with connection.cursor() as cursor:
        cursor.execute("select pg_sleep(5)")


def test_the_list_gives_up_and_says_what_would_help(house, browser_for, monkeypatch):
    monkeypatch.setattr(views, "MOST_MS", 100)
    monkeypatch.setattr(views, "_page", slowly)
    answer = browser_for(house.acme, "rita").get("/calls/?number=370")
    assert answer.status_code == 200
    assert "Choose the days you mean" in answer.content.decode()


def test_totals_give_up_too(house, browser_for, monkeypatch):
    monkeypatch.setattr(views, "MOST_MS", 100)
    monkeypatch.setattr(views, "_own_totals", slowly)
    answer = browser_for(house.acme, "carla").get("/calls/totals/")
    assert "too many calls to add up" in answer.content.decode()


def test_what_comes_after_may_take_its_time_again(house, browser_for, monkeypatch):
    monkeypatch.setattr(views, "MOST_MS", 100)
    browser_for(house.acme, "rita").get("/calls/")
    with connection.cursor() as cursor:
        cursor.execute("show statement_timeout")
        assert cursor.fetchone()[0] != "100ms"
