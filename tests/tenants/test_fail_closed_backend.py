"""A connection is in the schema it was told, or it is an error: nothing falls through to another operator's rows."""

from __future__ import annotations

import threading

import psycopg
import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction

from portal.people.models import User
from tenants.backend.base import SchemaMissing
from tenants.context import in_operator
from tenants.models import BookVersion, Operator


def names() -> set[str]:
    return set(User.objects.values_list("username", flat=True))


def test_each_operator_sees_its_own_people_only(house):
    seen = {}
    for who in ("root", "acme", "beta"):
        with in_operator(getattr(house, who)):
            seen[who] = names()
    assert seen == {"root": {"olga", "petra"}, "acme": {"rita", "carla"}, "beta": {"ben", "dan"}}


def test_a_missing_schema_is_an_error_for_its_own_and_for_shared_tables(house):
    ghost = Operator(pk=987654, schema_name="op_987654", name="Ghost")
    with in_operator(ghost), pytest.raises(SchemaMissing):
        list(User.objects.all())
    with in_operator(ghost), pytest.raises(SchemaMissing):
        list(BookVersion.objects.all())


def test_a_table_that_is_missing_in_the_schema_is_never_found_in_public(open_house):
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute(f"alter table {open_house.acme.schema_name}.people_user rename to people_user_gone")
    with in_operator(open_house.acme), pytest.raises(ProgrammingError, match="does not exist"):
        names()


def test_outside_of_an_operator_its_tables_do_not_exist(db):
    connection.set_schema_to_public()
    with pytest.raises(ProgrammingError, match="does not exist"):
        names()


def test_a_failed_change_of_schema_is_an_error_and_not_the_schema_before(house, monkeypatch):
    with in_operator(house.acme):
        assert "rita" in names()
    monkeypatch.setattr("tenants.backend.base.ENTER", "select set_config('search_path', %s, false), %s, %s, nonsense")
    with in_operator(house.beta), pytest.raises(DatabaseError, match="nonsense"):
        names()


def test_after_a_rolled_back_savepoint_the_schema_is_still_right(house):
    with in_operator(house.acme):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select no_such_column")
        assert names() == {"rita", "carla"}
    with in_operator(house.beta):
        assert names() == {"ben", "dan"}


def test_the_library_s_own_ways_in_are_closed(house):
    with pytest.raises(RuntimeError, match="in_operator"), house.acme:
        pass


def test_threads_that_switch_wildly_are_never_in_the_wrong_schema(open_house):
    wrong: list[str] = []
    right = {open_house.acme.pk: {"rita", "carla"}, open_house.beta.pk: {"ben", "dan"}}

    def switch(turns: int) -> None:
        for turn in range(turns):
            operator = (open_house.acme, open_house.beta)[turn % 2]
            try:
                with in_operator(operator):
                    if turn % 7 == 0:
                        with connection.cursor() as cursor:
                            cursor.execute("select nonsense")
                    if names() != right[operator.pk]:
                        wrong.append(operator.name)
            except ProgrammingError:
                pass
            if turn % 11 == 0:
                connection.close()
        connection.close()

    threads = [threading.Thread(target=switch, args=(200,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_web_role_can_make_and_break_nothing(open_house):
    schema = open_house.acme.schema_name
    for deed in (
        f"drop schema {schema} cascade",
        f"create table {schema}.planted (id int)",
        "create table public.planted (id int)",
        f"alter table {schema}.people_user disable trigger all",
        "alter table tenants_operator disable row level security",
        "truncate tenants_operator cascade",
    ):
        with in_operator(open_house.acme), pytest.raises(DatabaseError) as refusal, connection.cursor() as cursor:
            cursor.execute(deed)
        assert isinstance(refusal.value.__cause__, psycopg.errors.InsufficientPrivilege), deed
