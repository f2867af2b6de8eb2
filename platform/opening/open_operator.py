"""Opening an operator: its row, host, look and schema in one transaction, then explicit steps that can be repeated.

Until the last step is done the operator is `opening`, which routes no host and no call. A crash anywhere leaves either
nothing at all or an operator that `finish_opening` completes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from opening import steps
from tenants.context import leave_operator
from tenants.lookup import operator_by_id
from tenants.models import Branding, Domain, Operator
from tenants.schema import fingerprint, replay_blueprint

STEPS: tuple[Callable[[Operator], None], ...] = (
    steps.make_house_accounts,
    steps.make_first_location,
    steps.make_website,
    steps.become_customer_of_parent,
    steps.offer_common_providers,
)


class CannotOpen(ValueError):
    """The operator can't be opened as asked; the text says why, for whoever asked."""


@dataclass(frozen=True)
class Wish:
    """What is to be opened. `hosts` are complete names, the first one is the main one; they count as verified."""

    name: str
    hosts: tuple[str, ...]
    currency: str
    kind: str = Operator.Kind.RESELLER
    parent_id: int | None = None
    timezone: str = "UTC"
    primary: str = "#2f5bea"
    accent: str = ""


def open_operator(wish: Wish) -> Operator:
    """Open it, complete. Needs the owner's connection (worker and command line have it). Raises CannotOpen."""
    operator_id = lay_foundation(wish)
    return finish_opening(operator_id)


def lay_foundation(wish: Wish) -> int:
    """Everything that only the owner role may do, all or nothing. Answers the operator's id."""
    leave_operator()
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        # One at a time: two people may ask for the same host at the same moment.
        cursor.execute("select pg_advisory_xact_lock(7147)")
        _refuse_bad(wish, cursor)
        cursor.execute("select nextval(pg_get_serial_sequence('tenants_operator', 'id'))")
        operator_id = cursor.fetchone()[0]
        operator = Operator(
            pk=operator_id, schema_name=f"op_{operator_id}", parent_id=wish.parent_id, kind=wish.kind, name=wish.name,
            currency=wish.currency, timezone=wish.timezone, schema_fingerprint=fingerprint(),
        )  # fmt: skip
        operator.save_base(using="owner", force_insert=True)
        now = timezone.now()
        for place, host in enumerate(wish.hosts):
            Domain(tenant_id=operator_id, domain=host, is_primary=place == 0, verified_at=now).save_base(using="owner")
        Branding(operator_id=operator_id, name=wish.name, primary=wish.primary, accent=wish.accent).save(using="owner")
        replay_blueprint(cursor, operator.schema_name)
    return operator_id


def finish_opening(operator_id: int) -> Operator:
    """Do the steps, each of which may have been done before, and let the operator live."""
    leave_operator()
    operator = operator_by_id(operator_id)
    if operator is None:
        raise CannotOpen(_("There is no such operator."))
    for step in STEPS:
        step(operator)
    Operator.objects.using("owner").filter(pk=operator_id, state=Operator.State.OPENING).update(
        state=Operator.State.ACTIVE, opened_at=timezone.now()
    )
    opened = operator_by_id(operator_id)
    assert opened is not None
    return opened


def _refuse_bad(wish: Wish, cursor) -> None:
    if not wish.hosts:
        raise CannotOpen(_("An operator needs a host name."))
    cursor.execute("select domain from tenants_domain where domain = any(%s)", [list(wish.hosts)])
    if taken := cursor.fetchone():
        raise CannotOpen(_("The address %(host)s is taken.") % {"host": taken[0]})
    if wish.parent_id is None and wish.kind != Operator.Kind.OWNER:
        raise CannotOpen(_("A reseller needs an operator above it."))
    if wish.parent_id is not None:
        cursor.execute("select state from tenants_operator where id = %s", [wish.parent_id])
        if (row := cursor.fetchone()) is None or row[0] != Operator.State.ACTIVE:
            raise CannotOpen(_("The operator above isn't active."))
