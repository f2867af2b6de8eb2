"""Every operator's pages find where a number leads, by its longest prefix, and none of them can change it."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from calls.destinations import Destination
from tenants.context import in_operator


def test_there_are_more_than_five_thousand_prefixes(house):
    with in_operator(house.acme):
        assert Destination.objects.count() > 5_000


def test_the_longest_prefix_says_where_a_number_leads(house):
    with in_operator(house.acme):
        mobile, fixed = Destination.objects.of("37061234567"), Destination.objects.of("37052123456")
    assert (mobile.country, mobile.kind) == ("LT", "mobile")
    assert (fixed.country, fixed.kind) == ("LT", "fixed")


def test_a_number_of_nowhere_leads_nowhere(house):
    with in_operator(house.acme):
        assert Destination.objects.of("000") is None
        assert Destination.objects.of("") is None


def test_many_numbers_are_one_query(house, django_assert_num_queries):
    with in_operator(house.beta), django_assert_num_queries(1):
        found = Destination.objects.of_all(["37061234567", "4930123456", "0"])
    assert set(found) == {"37061234567", "4930123456"}


def test_nobody_changes_the_table_from_a_page(house):
    with in_operator(house.root), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Destination.objects.filter(prefix="370").update(name="Mine")


def test_the_look_up_uses_the_key(house):
    with in_operator(house.acme), connection.cursor() as cursor:
        cursor.execute("explain select * from calls_destination where prefix = any(%s)", [["3", "37", "370", "3706"]])
        assert "Seq Scan" not in "\n".join(row[0] for row in cursor.fetchall())
