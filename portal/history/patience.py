"""Looking through millions of rows, but not for longer than somebody would wait."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

CANCELLED = "57014"  # https://www.postgresql.org/docs/current/errcodes-appendix.html: query_canceled


class TookTooLong(Exception):
    """The database was stopped in the middle; fewer days would help."""


@contextmanager
def at_most(milliseconds: int) -> Iterator[None]:
    """Each query of the block ends within that time. Raises TookTooLong; nothing is left half-done."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("select set_config('statement_timeout', %s, true)", [str(milliseconds)])
            yield
            with connection.cursor() as cursor:
                # A surrounding transaction goes on at its own pace.
                cursor.execute("set local statement_timeout to default")
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != CANCELLED:
            raise
        raise TookTooLong from None
