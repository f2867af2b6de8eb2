"""Changing and deleting a provider, with what the ledger and the switches know of it."""

from __future__ import annotations

from django.db import transaction

from ledger.accounts import set_call_limit
from ledger.models import Account, Transfer
from portal.routing.models import Provider
from tenants.context import current_operator


class HasHistory(Exception):
    """Money was booked on the provider's account, or is being held there now."""


def change_provider(provider: Provider) -> None:
    """Save a provider that is there already, and let its call limit count from now on."""
    with transaction.atomic():
        provider.limit_account_id = set_call_limit(
            current_operator().pk, f"provider:{provider.pk}", provider.call_limit
        )
        provider.save()
        if not provider.common_use:
            provider.common_uses.all().delete()


def delete_provider(provider: Provider) -> None:
    """Raises ProtectedError while an LCR names it, HasHistory once it has carried a call.

    Its name on the nodes and its empty account stay as tombstones, so that neither is ever given to another.
    """
    account = provider.account_id
    if account and (
        Account.objects.filter(pk=account).exclude(posted=0, held=0).exists()
        or Transfer.objects.of_account(account).exists()
    ):
        raise HasHistory
    provider.delete()
