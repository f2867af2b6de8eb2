"""Doing something with an object of Stripe's while nobody else does, without a transaction: fetch, then apply."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

LOCK = 7149


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Wait until nobody else is in a block of this name. Of two who fetch and apply, the later has the later truth."""
    if connection.in_atomic_block:
        raise RuntimeError("Waiting for Stripe has no place in a transaction.")
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(hashtextextended(%s, %s))", [name, LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(hashtextextended(%s, %s))", [name, LOCK])
