"""Which tables of an operator make up its book: a change of them raises its version, and the call engine reads them."""

from __future__ import annotations

from django.db import migrations


def book_tables(*tables: str) -> migrations.RunSQL:
    """A migration step for an operator's schema: the trigger, and the call engine's right to read."""
    sql = "".join(
        f"create trigger book_changed after insert or update or delete on {table}"
        f" for each statement execute function public.book_changed();"
        f" create trigger book_emptied after truncate on {table}"
        f" for each statement execute function public.book_changed();"
        f" grant select on {table} to tandem_engine;"
        for table in tables
    )
    return migrations.RunSQL(sql, migrations.RunSQL.noop)
