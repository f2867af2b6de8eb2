"""What an operator decides about one right below it. The database refuses it for any other (sql/pro.sql)."""

from __future__ import annotations

from django.db import connection
from django.utils.translation import gettext as _

from tenants.context import current_operator
from tenants.lookup import operator_by_id
from tenants.models import Operator


class NotBelow(LookupError):
    """The operator isn't right below the one that asks."""


def operator_below(operator_id: int) -> Operator:
    """The operator, if it is right below ours. Raises NotBelow."""
    found = operator_by_id(operator_id)
    if found is None or found.parent_id != current_operator().pk:
        raise NotBelow(_("This reseller isn't one of yours."))
    return found


def make_pro(operator: Operator) -> None:
    """Let it have carriers and LCRs of its own, for good: nothing ever takes that back. Raises NotBelow."""
    _set(operator, pro=True)


def forbid_own_providers(operator: Operator, forbidden: bool = True) -> None:
    """No new providers of its own; those it has go on working. Raises NotBelow."""
    _set(operator, no_own_providers=forbidden)


def forbid_copies(operator: Operator, forbidden: bool = True) -> None:
    """Whether it may copy our number rules. Raises NotBelow."""
    _set(operator, no_copies=forbidden)


def may_copy_rules(operator: Operator) -> bool:
    """Whether the operator may copy the number rules of the one above it."""
    with connection.cursor() as cursor:
        cursor.execute("select operator_may_copy(%s)", [operator.pk])
        return bool(cursor.fetchone()[0])


def _set(
    operator: Operator, pro: bool | None = None, no_own_providers: bool | None = None, no_copies: bool | None = None
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select operator_set_below(%s, %s, %s, %s)", [operator.pk, pro, no_own_providers, no_copies])
        if not cursor.fetchone()[0]:
            raise NotBelow(_("This reseller isn't one of yours."))
    for name in ("kind", "forbid_own_providers", "copies_forbidden"):
        operator.__dict__.pop(name, None)
    operator.refresh_from_db(fields=["kind", "forbid_own_providers", "copies_forbidden"])
