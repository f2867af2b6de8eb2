"""Shared tables show an operator its own rows and nobody else's, whatever a query forgets."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection

from tenants.context import in_operator
from tenants.models import Branding, Domain, Operator, SipIdentity
from tenants.policies import unprotected


def test_every_shared_table_is_under_a_policy_or_on_the_list(house):
    with connection.cursor() as cursor:
        assert unprotected(cursor) == []


def test_the_check_finds_a_table_that_was_forgotten(open_house):
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("create table forgotten (id bigint)")
    with connection.cursor() as cursor:
        assert unprotected(cursor) == ["forgotten"]


def test_without_an_operator_nothing_is_seen(house):
    connection.set_schema_to_public()
    assert Operator.objects.count() == Domain.objects.count() == Branding.objects.count() == 0


def test_an_operator_sees_itself_and_those_right_below_it(house):
    with in_operator(house.acme):
        assert set(Operator.objects.values_list("name", flat=True)) == {"Acme Telecom"}
    with in_operator(house.root):
        assert set(Operator.objects.values_list("name", flat=True)) == {"Northwind Voice", "Acme Telecom", "Beta Voice"}


def test_nobody_writes_into_another_operator_s_rows(house):
    with in_operator(house.acme), pytest.raises(DatabaseError, match="row-level security"):
        SipIdentity.objects.create(operator_id=house.beta.pk, device_id=1)


def test_nobody_changes_another_operator_s_look(house):
    with in_operator(house.acme):
        assert Branding.objects.filter(pk=house.beta.pk).update(name="Stolen") == 0


def test_a_process_does_not_start_when_a_table_was_forgotten(open_house):
    from django.core.management import CommandError
    from django.db import connections

    from tenants.startup import refuse_open_doors

    refuse_open_doors()
    with connections["owner"].cursor() as cursor:
        cursor.execute("alter table tenants_branding disable row level security")
    with pytest.raises(CommandError, match="tenants_branding"):
        refuse_open_doors()
