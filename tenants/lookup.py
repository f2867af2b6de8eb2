"""Reading operators before one is known: one SECURITY DEFINER function, the only way round row-level security."""

from __future__ import annotations

import json

from django.db import connection

from tenants.models import Branding, Operator

LOOKUP = """select id, schema_name, parent_id, kind, state, name, currency, timezone, opened_at, created_at,
  main_domain, host_is_active, brand from operator_lookup(%s, %s)"""


def operator_for_host(host: str) -> Operator | None:
    """The operator a verified domain belongs to, with its branding and `main_domain`; None for an unknown host.

    `host_is_active` says whether that domain also leads to us in the DNS, so that TLS may be insisted on.
    """
    return _look_up(host, None)


def operator_by_id(operator_id: int) -> Operator | None:
    """The operator with its branding, whatever its state."""
    return _look_up(None, operator_id)


def _look_up(host: str | None, operator_id: int | None) -> Operator | None:
    with connection.cursor() as cursor:
        cursor.execute(LOOKUP, [host, operator_id])
        row = cursor.fetchone()
    if row is None:
        return None
    names = [
        "id",
        "schema_name",
        "parent_id",
        "kind",
        "state",
        "name",
        "currency",
        "timezone",
        "opened_at",
        "created_at",
    ]
    operator = Operator.from_db(connection.alias, names, row[: len(names)])
    operator.main_domain, operator.host_is_active = row[10], row[11]
    look = json.loads(row[12])
    legal = look.pop("legal")
    # What is not among these is read when somebody asks for it.
    operator.branding = Branding.from_db(connection.alias, ["operator_id", *look], (operator.pk, *look.values()))
    operator.branding.legal = tuple(kind for kind, there in zip(Branding.LEGAL, legal, strict=True) if there)
    return operator


def may_have_certificate(host: str) -> bool:
    """Whether `host` (normalised) is a verified domain of an operator that is not closed. Costs the same for any."""
    with connection.cursor() as cursor:
        cursor.execute("select domain_may_have_certificate(%s)", [host])
        return bool(cursor.fetchone()[0])


def normalised_host(raw: str) -> str:
    """A Host header's name as the Domain table spells it: lower case, no port, no trailing dot, IDNA."""
    host = raw.strip().lower()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    host = host.partition(":")[0].removesuffix(".")
    try:
        return host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        return ""
