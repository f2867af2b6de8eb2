"""Calls per second: one bucket for all exchanges, one second's worth deep, all levels of a chain or none."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from plans.models import Plan
from plans.subscribe import subscribe_by_hand
from tenants.context import in_operator

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def engine(postgres, own_database, open_house):
    """Connections of the call engine; acme may have 5 calls a second, beta 2, the owner any number."""
    with in_operator(open_house.root):
        for name, rate, operator in (("Five", 5, open_house.acme), ("Two", 2, open_house.beta)):
            plan = Plan.objects.create(operator_id=open_house.root.pk, name=name, calls_per_second=rate, currency="USD")
            subscribe_by_hand(operator, plan)
    place = f"host={postgres.dsn['host']} port={postgres.dsn['port']} dbname={own_database} user=tandem_engine"
    opened = []

    def connect():
        opened.append(psycopg.connect(place, autocommit=True))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


def refused(db, chains, at=NOW):
    """Who of a batch of calls, each named by the operators of its chain, is refused, and by whom."""
    calls = [number for number, chain in enumerate(chains) for _ in chain]
    operators = [operator.pk for chain in chains for operator in chain]
    return db.execute("select * from plans_take_pace(%s, %s::bigint[], %s)", [calls, operators, at]).fetchall()


def test_a_second_s_worth_passes_at_once_and_then_one_for_each_fifth_of_a_second(engine, open_house):
    db, acme = engine(), open_house.acme
    assert refused(db, [[acme]] * 7) == [(5, acme.pk), (6, acme.pk)]
    assert len(refused(db, [[acme]], NOW + timedelta(milliseconds=199))) == 1
    assert refused(db, [[acme]], NOW + timedelta(milliseconds=200)) == []
    assert len(refused(db, [[acme]], NOW + timedelta(milliseconds=399))) == 1
    assert refused(db, [[acme]] * 5, NOW + timedelta(seconds=2)) == []


def test_whoever_has_no_limit_takes_no_part(engine, open_house):
    db = engine()
    assert refused(db, [[open_house.root]] * 1000) == []
    assert refused(db, []) == []


def test_a_call_refused_at_one_level_takes_from_no_other(engine, open_house):
    db, acme, beta = engine(), open_house.acme, open_house.beta
    assert refused(db, [[acme, beta, open_house.root]] * 4) == [(2, beta.pk), (3, beta.pk)]
    assert refused(db, [[acme]] * 4) == [(3, acme.pk)], "five less the two that passed"


def test_a_clock_that_steps_back_gives_nothing_extra(engine, open_house):
    db, acme = engine(), open_house.acme
    refused(db, [[acme]] * 5)
    assert len(refused(db, [[acme]] * 5, NOW - timedelta(seconds=10))) == 5


def test_of_many_exchanges_at_once_just_so_many_calls_pass(engine, open_house):
    acme = open_house.acme
    start = threading.Barrier(8)
    databases = [engine() for _ in range(8)]

    def run(db):
        start.wait(10)
        return sum(1 - len(refused(db, [[acme, open_house.root]])) for _ in range(25))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(run, databases)) == 5


def test_another_limit_counts_from_the_next_call_on(engine, open_house):
    from plans.grant import grant

    db, beta = engine(), open_house.beta
    assert len(refused(db, [[beta]] * 3)) == 1
    grant(beta, "more_calls_per_second", 8)
    assert refused(db, [[beta]] * 10, NOW + timedelta(seconds=1)) == []


def test_only_the_engine_takes_from_it(engine, open_house, postgres, own_database):
    place = f"host={postgres.dsn['host']} port={postgres.dsn['port']} dbname={own_database} user=tandem_web"
    with psycopg.connect(place) as web, pytest.raises(psycopg.errors.InsufficientPrivilege):
        refused(web, [[open_house.acme]])


def test_a_batch_of_fifty_costs_little(engine, open_house):
    import time

    db = engine()
    chains = [[open_house.acme, open_house.root]] * 50
    refused(db, chains)
    began = time.perf_counter()
    for _ in range(50):
        refused(db, chains)
    assert (time.perf_counter() - began) / 50 < 0.02
