"""Entering an operator's schema. The only way in: everything else that django-tenants offers is banned by a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django_tenants.utils import tenant_context

from tenants.models import Operator


@contextmanager
def in_operator(operator: Operator) -> Iterator[Operator]:
    """Run the block in the operator's schema and under its row-level security; then go back to where we were.

    Takes the row, never a name: without the row's id row-level security would hide everything.
    """
    if operator.pk is None:
        raise ValueError("An operator that isn't saved has no schema.")
    with tenant_context(operator):
        yield operator


def current_operator() -> Operator:
    """The operator whose schema this connection is in. Raises LookupError outside of any."""
    tenant = connection.tenant
    if isinstance(tenant, Operator):
        return tenant
    raise LookupError("This code must run inside an operator.")


def leave_operator() -> None:
    """Be in no operator's schema: only shared tables are there, and row-level security hides their rows."""
    connection.set_schema_to_public()  # type: ignore[attr-defined]
