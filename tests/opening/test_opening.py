"""Opening an operator: complete or not there, whoever else opens, wherever it stops."""

from __future__ import annotations

import re
import threading

import pytest
from django.db import connection, connections
from wagtail.models import Page, Site

from ledger.models import Account
from opening import open_operator as opening
from opening import steps
from opening.open_operator import CannotOpen, Wish, finish_opening, lay_foundation, open_operator
from portal.numbers.models import Location
from portal.people.models import Customer, User
from tenants.context import in_operator
from tenants.lookup import operator_by_id, operator_for_host
from tenants.models import Operator
from tenants.schema import BlueprintMissing, fingerprint

SPELLING = re.compile(r"::(character varying|text)(\[\])?|[()]")
CATALOGUE = """
select 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod) || a.attnotnull::text || a.attidentity::text
  from pg_attribute a join pg_class c on c.oid = a.attrelid
  where c.relnamespace = %(schema)s::regnamespace and a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p')
union all select 'constraint', c.relname, k.conname, replace(pg_get_constraintdef(k.oid), %(name)s, 'S')
  from pg_constraint k join pg_class c on c.oid = k.conrelid where c.relnamespace = %(schema)s::regnamespace
union all select 'index', c.relname, '', replace(pg_get_indexdef(c.oid), %(name)s, 'S')
  from pg_class c where c.relnamespace = %(schema)s::regnamespace and c.relkind = 'i'
union all select 'trigger', c.relname, t.tgname, replace(pg_get_triggerdef(t.oid), %(name)s, 'S')
  from pg_trigger t join pg_class c on c.oid = t.tgrelid
  where c.relnamespace = %(schema)s::regnamespace and not tgisinternal
union all select 'rights', c.relname, '', coalesce(c.relacl::text, '')
  from pg_class c where c.relnamespace = %(schema)s::regnamespace and c.relkind in ('r', 'p', 'S')
"""


def catalogue(schema: str) -> set[tuple]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(CATALOGUE, {"schema": schema, "name": schema})
        # PostgreSQL spells the casts of a list in a partial index in another way after a dump; the list is the same.
        return {tuple(SPELLING.sub("", part) for part in row) for row in cursor.fetchall()}


def wish(house, name: str = "Gamma", **more) -> Wish:
    return Wish(
        **{"name": name, "hosts": (f"{name.lower()}.localhost",), "currency": "EUR", "parent_id": house.root.pk} | more
    )


def schemas() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("select nspname from pg_namespace where nspname like 'op\\_%%'")
        return {row[0] for row in cursor.fetchall()}


def test_an_opened_operator_is_the_blueprint_to_the_last_constraint(open_house, settings):
    gamma = open_operator(wish(open_house))
    assert catalogue(gamma.schema_name) == catalogue(settings.BLUEPRINT_SCHEMA)


def test_an_opened_operator_is_complete(open_house):
    gamma = open_operator(wish(open_house))
    assert gamma.is_active and gamma.opened_at is not None
    assert operator_for_host("gamma.localhost") == gamma
    with in_operator(gamma):
        assert [(one.is_default, one.is_global) for one in Location.objects.all()] == [(True, False)]
        assert Site.objects.get().hostname == "gamma.localhost"
        assert [page.title for page in Page.objects.filter(depth=2)] == ["Gamma"]
        assert not User.objects.exists()
        assert set(Account.objects.filter(operator_id=gamma.pk).values_list("kind", flat=True)) == {
            "revenue",
            "cost",
            "cash",
        }
    with in_operator(open_house.root):
        row = Customer.objects.get(operator_id=gamma.pk)
        assert Account.objects.get(pk=row.account_id).party_operator_id == gamma.pk
    with in_operator(gamma):
        assert Account.objects.filter(pk=row.account_id).exists(), "a reseller may read its own account above"


@pytest.mark.parametrize("crash_at", range(len(opening.STEPS)))
def test_a_crash_at_any_step_is_finished_later_and_nothing_is_doubled(open_house, monkeypatch, crash_at):
    def crash(operator):
        raise KeyboardInterrupt

    cut = (*opening.STEPS[:crash_at], crash)
    monkeypatch.setattr(opening, "STEPS", cut)
    with pytest.raises(KeyboardInterrupt):
        open_operator(wish(open_house))
    monkeypatch.undo()
    connection.set_schema_to_public()
    half = operator_for_host("gamma.localhost")
    assert half.state == Operator.State.OPENING
    whole = finish_opening(half.pk)
    assert finish_opening(half.pk) == whole
    with in_operator(open_house.root):
        assert Customer.objects.filter(operator_id=whole.pk).count() == 1
    with in_operator(whole):
        assert Site.objects.count() == Location.objects.count() == 1


def test_a_crash_while_laying_the_foundation_leaves_nothing(open_house, monkeypatch):
    before = schemas()

    def half_replayed(cursor, schema):
        cursor.execute(f'create schema "{schema}"')
        raise KeyboardInterrupt

    monkeypatch.setattr(opening, "replay_blueprint", half_replayed)
    with pytest.raises(KeyboardInterrupt):
        open_operator(wish(open_house))
    assert schemas() == before
    assert operator_for_host("gamma.localhost") is None


def test_ten_at_once_all_open_and_differ(open_house):
    made: list[Operator] = []
    wrong: list[BaseException] = []

    def open_one(number: int) -> None:
        try:
            made.append(open_operator(wish(open_house, f"Shop{number}")))
        except BaseException as error:
            wrong.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=open_one, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len({one.schema_name for one in made}) == 10 and all(one.is_active for one in made)


def test_two_who_want_the_same_host_get_it_once(open_house):
    open_operator(wish(open_house))
    before = schemas()
    with pytest.raises(CannotOpen, match="gamma.localhost is taken"):
        open_operator(wish(open_house, "Delta", hosts=("delta.localhost", "gamma.localhost")))
    assert schemas() == before


def test_a_reseller_needs_somebody_active_above(open_house):
    for parent in (None, 999_999):
        with pytest.raises(CannotOpen):
            open_operator(wish(open_house, parent_id=parent))


def test_without_a_fitting_blueprint_nothing_opens(open_house, monkeypatch):
    fingerprint.cache_clear()
    monkeypatch.setattr("tenants.schema.fingerprint", lambda: "other code")
    with pytest.raises(BlueprintMissing):
        lay_foundation(wish(open_house))
    assert operator_for_host("gamma.localhost") is None


def test_an_operator_below_a_reseller_opens_alike(open_house):
    gamma = open_operator(wish(open_house, parent_id=open_house.acme.pk))
    with in_operator(open_house.acme):
        assert Customer.objects.get(operator_id=gamma.pk).name == "Gamma"
    assert operator_by_id(gamma.pk).parent_id == open_house.acme.pk


def test_the_steps_are_these():
    assert [one.__name__ for one in opening.STEPS] == [
        "make_house_accounts", "make_first_location", "make_website", "become_customer_of_parent",
        "offer_common_providers",
    ]  # fmt: skip
    assert all(getattr(steps, one.__name__) is one for one in opening.STEPS)
