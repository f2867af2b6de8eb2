"""A job runs inside the operator it was deferred for, or not at all."""

from __future__ import annotations

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from opening import tasks
from portal.people.models import User
from tenants.context import in_operator
from tenants.jobs import OperatorGone, operator_job

seen: list[tuple[str, str]] = []


@operator_job()
def look_around(operator, word: str):
    seen.append((operator.name, User.objects.order_by("username").values_list("username", flat=True)[0]))


@operator_job()
def fail_inside(operator):
    raise ArithmeticError


def work() -> None:
    app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)


def test_jobs_of_two_operators_each_run_in_their_own(open_house):
    seen.clear()
    for _ in range(5):
        for operator in (open_house.acme, open_house.beta):
            with in_operator(operator):
                look_around.defer(operator_id=operator.pk, word="hello")
    connection.set_schema_to_public()
    with app.replace_connector(app.connector.get_worker_connector()):
        work()
    assert sorted(set(seen)) == [("Acme Telecom", "carla"), ("Beta Voice", "ben")]
    assert len(seen) == 10


def test_a_job_is_not_deferred_by_a_transaction_that_rolls_back(house):
    from django.db import transaction

    with in_operator(house.acme):
        with pytest.raises(RuntimeError), transaction.atomic():
            look_around.defer(operator_id=house.acme.pk, word="never")
            raise RuntimeError
        assert ProcrastinateJob.objects.count() == 0


def test_a_job_for_nobody_fails_and_runs_nowhere(house):
    seen.clear()
    with pytest.raises(OperatorGone):
        look_around(operator_id=999_999, word="x")
    assert seen == []


def test_after_a_job_that_failed_the_connection_is_in_no_operator(house):
    with pytest.raises(ArithmeticError):
        fail_inside(operator_id=house.acme.pk)
    assert connection.schema_name == "public"


def test_the_nightly_check_finds_nothing_wrong_in_a_fresh_house(open_house):
    assert tasks.check_books(0) == 0
    assert tasks.keep_partitions(0) == 0
    assert tasks.forget_names(0) == 0


def test_the_nightly_check_finds_a_balance_that_was_tampered_with(open_house):
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("update ledger_account set posted = posted + 1 where kind = 'cash'")
    assert tasks.check_books(0) > 0


def test_an_opening_that_was_cut_short_is_completed_by_the_worker(open_house):
    from datetime import timedelta

    from django.utils import timezone

    from opening.open_operator import Wish, lay_foundation
    from tenants.lookup import operator_by_id
    from tenants.models import Operator

    number = lay_foundation(Wish("Late", ("late.localhost",), "EUR", parent_id=open_house.root.pk))
    assert tasks.finish_openings(0) == 0, "it may still be going on"
    Operator.objects.using("owner").filter(pk=number).update(created_at=timezone.now() - timedelta(minutes=10))
    assert tasks.finish_openings(0) == 1
    assert operator_by_id(number).is_active
