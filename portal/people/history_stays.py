"""Nothing with calls or money is ever deleted. Rows say so themselves, whoever asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import ProtectedError, Q
from django.utils.translation import gettext as _

from calls.models import Call, LiveLevel
from ledger.models import CALL, Account, Transfer
from tenants.context import current_operator


class KeepsHistory(models.QuerySet):
    """Deleting many asks each of them."""

    def delete(self):
        refuse_if_used(self)
        return super().delete()


def refuse_if_used(rows: Iterable[Any]) -> None:
    """Raises ProtectedError if any row (customers, or devices) has made or paid for a call, or moved money."""
    rows = list(rows)
    used = [one for one in rows if _has_calls(one) or _has_money(one)]
    if used:
        names = ", ".join(str(one) for one in used[:5])
        raise ProtectedError(
            _("%(names)s: nothing with calls or money is deleted. Archive it instead.") % {"names": names}, set(used)
        )


def _has_calls(one: Any) -> bool:
    column = f"{one._meta.model_name}_id"
    if Call.objects.of(current_operator().pk).filter(**{column: one.pk}).exists():
        return True
    return LiveLevel.objects.filter(own=True, **{f"labels__{column}": one.pk}).exists()


def _has_money(one: Any) -> bool:
    account = getattr(one, "account_id", None)
    if account is None:
        return False
    moved = Transfer.objects.filter(Q(debit=account) | Q(credit=account)).exists()
    return moved or Account.objects.exclude(currency=CALL).filter(pk=account).exclude(posted=0, held=0).exists()
