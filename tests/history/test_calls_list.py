"""The list of calls: filters, paging by key, totals, and whose they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from ledger.ids import id_at
from portal.people.models import Customer, User
from tenants.context import in_operator

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def shown(answer) -> list[int]:
    return [one.id for one in answer.context["calls"]]


@pytest.fixture
def carlas(house):
    with in_operator(house.acme):
        return Customer.objects.get(name="Carla Ltd")


def test_pages_follow_each_other_without_gap_or_repeat_and_back(house, browser_for, rows):
    made = [rows.call(house.acme, NOON + timedelta(seconds=number)) for number in range(130)]
    rita, seen, query = browser_for(house.acme, "rita"), [], ""
    for _ in range(3):
        answer = rita.get(f"/calls/{query}")
        seen += shown(answer)
        last, query = answer, answer.context["older"]
    assert seen == made[::-1]
    assert query == ""
    back = rita.get(f"/calls/{last.context['newer']}")
    assert shown(back) == made[::-1][50:100]
    assert shown(rita.get(f"/calls/{back.context['newer']}")) == made[::-1][:50]


def test_filters(house, browser_for, rows, carlas):
    plain = rows.call(house.acme, NOON)
    london = rows.call(house.acme, NOON, called="442071234567")
    failed = rows.call(house.acme, NOON, answered_at=None, talk_seconds=0, sell_base=0, buy_base=0, cause=204)
    loss = rows.call(house.acme, NOON, buy_base=Decimal("0.50"))
    other = rows.call(house.acme, NOON, customer_id=carlas.pk + 1, customer_label="Other")
    rita = browser_for(house.acme, "rita")

    def found(query: str) -> set[int]:
        return set(shown(rita.get(f"/calls/?{query}")))

    assert found("number=4420") == {london}
    assert found("number=%2B44+20-7") == {london}
    assert found("number=999") == set()
    assert found("outcome=failed") == {failed}
    assert found("outcome=answered") == {plain, london, loss, other}
    assert found("profit=loss") == {loss}
    assert found("profit=none") == {failed}
    assert found("profit=gain") == {plain, london, other}
    assert found("customer=Carla+Ltd") == {plain, london, failed, loss}
    assert found("customer=Nobody") == set()
    assert found("start=2026-11-20&end=2026-11-20") == {plain, london, failed, loss, other}
    assert found("start=2026-11-21") == set()
    assert found("end=2026-11-19") == set()


def test_days_are_the_viewer_s_days(house, browser_for, rows):
    late = rows.call(house.acme, datetime(2026, 11, 20, 22, 30, tzinfo=UTC))
    with in_operator(house.acme):
        User.objects.filter(username="rita").update(timezone="Asia/Tokyo")
    rita = browser_for(house.acme, "rita")
    assert shown(rita.get("/calls/?start=2026-11-21&end=2026-11-21")) == [late]
    assert shown(rita.get("/calls/?start=2026-11-20&end=2026-11-20")) == []
    assert "21 Nov 2026, 07:30:00" in rita.get("/calls/").content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "number='; drop table calls_call;--", "number=%00", "number=37%23", "number=<b>", "number=" + "1" * 41,
        "start=yesterday", "start=0001-01-01", "start=9999-12-31", "end=9999-12-31", "start=2026-11-21&end=2026-11-20",
        "customer=%00", "device=x", "device=" + "9" * 40, "profit=most", "outcome=%27", "start=2026-02-30",
    ],
)  # fmt: skip
def test_a_filter_that_makes_no_sense_shows_a_sentence_and_no_call(house, browser_for, rows, query):
    rows.call(house.acme, NOON)
    answer = browser_for(house.acme, "rita").get(f"/calls/?{query}")
    assert (answer.status_code, shown(answer)) == (200, [])
    assert answer.context["form"].errors
    assert browser_for(house.acme, "rita").get(f"/calls/calls.csv?{query}").status_code == 422


@pytest.mark.parametrize("place", ["x", "-1", "9" * 40, "1e5", "%00", "²", ""])
def test_an_odd_place_to_read_from_is_the_beginning(house, browser_for, rows, place):
    made = rows.call(house.acme, NOON)
    assert shown(browser_for(house.acme, "rita").get(f"/calls/?before={place}&after={place}")) == [made]


def test_totals_are_those_of_the_filter(house, browser_for, rows):
    rows.call(house.acme, NOON)
    call = rows.call(house.acme, NOON, called="44207")
    # A correction changes money and seconds, and is no call of its own.
    less = {"talk_seconds": -10, "sell_base": Decimal("-0.02"), "buy_base": Decimal("-0.01"), "billed_seconds": 0}
    rows.call(house.acme, NOON, id=call, revision=1, called="44207", **less)
    rows.call(house.acme, NOON, called="44208", answered_at=None, talk_seconds=0, sell_base=0, buy_base=0)
    totals = browser_for(house.acme, "rita").get("/calls/totals/?number=44").context["totals"]
    assert totals == {
        "calls": 2, "answered": 1, "seconds": 50, "billed_seconds": 120, "revenue": Decimal("0.08"),
        "cost": Decimal("0.05"), "profit": Decimal("0.03"),
    }  # fmt: skip


def test_carla_sees_her_calls_and_her_price_and_nothing_else(house, browser_for, rows, carlas):
    hers = rows.call(house.acme, NOON, sell=Decimal("0.7777"), buy=Decimal("0.1234"), buy_base=Decimal("0.1234"))
    theirs = rows.call(house.acme, NOON, customer_id=carlas.pk + 1, customer_label="Rival GmbH", called="4915100")
    carla = browser_for(house.acme, "carla")
    answer = carla.get("/calls/")
    assert shown(answer) == [hers]
    pages = [
        answer.content, carla.get("/calls/totals/").content, carla.get(f"/calls/{hers}/").content,
        carla.get("/calls/calls.csv").content,
    ]  # fmt: skip
    secrets = ("Profit", "Cost", "0.1234", "0.6543", "Rival", "4915100", "Provider")
    for page in map(bytes.decode, pages):
        assert not [word for word in secrets if word in page]
    assert "0.7777" in pages[0].decode()
    assert carla.get(f"/calls/{theirs}/").status_code == 404
    assert shown(carla.get("/calls/?customer=Rival+GmbH&profit=loss")) == [hers]
    assert browser_for(house.beta, "dan").get(f"/calls/{hers}/").status_code == 404
    assert shown(browser_for(house.beta, "ben").get("/calls/")) == []


def test_one_call_at_three_levels_is_three_rows_each_for_its_own(house, browser_for, rows):
    number = rows.call(house.acme, NOON, sell=Decimal("0.2222"), buy=Decimal("0.1111"))
    rows.call(house.root, NOON, id=number, level=1, sell=Decimal("0.1111"), customer_label="Acme Telecom")
    acmes = browser_for(house.acme, "rita").get(f"/calls/{number}/").content.decode()
    roots = browser_for(house.root, "olga").get(f"/calls/{number}/").content.decode()
    assert "0.2222" in acmes
    assert "0.2222" not in roots
    assert "Carla" not in roots
    assert "Acme Telecom" in roots
    assert browser_for(house.beta, "ben").get(f"/calls/{number}/").status_code == 404


def test_the_list_costs_the_same_however_many_there_are(house, browser_for, rows, django_assert_max_num_queries):
    for _ in range(60):
        rows.call(house.acme, NOON)
    rita = browser_for(house.acme, "rita")
    with django_assert_max_num_queries(10):
        assert len(shown(rita.get("/calls/"))) == 50


def test_a_page_far_back_is_read_by_the_index_and_not_by_counting(house, rows):
    from calls.models import Call

    with in_operator(house.acme), connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        far = Call.objects.of(house.acme.pk).filter(revision=0, id__lt=id_at(NOON)).order_by("-id")[:51]
        plan = far.explain()
    assert "Index" in plan
    assert "Sort" not in plan.replace("Incremental Sort", "")
