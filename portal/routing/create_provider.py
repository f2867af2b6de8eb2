"""A new provider: its platform-wide name on the media nodes, the account of what we owe it, its call limit."""

from __future__ import annotations

from django.db import transaction

from ledger.accounts import open_account, set_call_limit
from portal.routing.models import Provider
from tenants.context import current_operator
from tenants.models import CarrierIdentity, Operator


class NotPro(PermissionError):
    """Only the owner and Reseller PROs have carriers of their own."""


class OwnProvidersForbidden(NotPro):
    """The operator above allows no more; those that are there go on working."""


def create_provider(provider: Provider) -> Provider:
    """Save `provider` (unsaved so far). Raises NotPro, OwnProvidersForbidden."""
    operator: Operator = current_operator()
    if not operator.is_pro:
        raise NotPro("Only a Reseller PRO can have providers of its own.")
    # Asked anew: the operator above may have decided since this request began.
    if Operator.objects.filter(pk=operator.pk, forbid_own_providers=True).exists():
        raise OwnProvidersForbidden("The operator above allows no more providers of your own.")
    with transaction.atomic():
        provider.save()
        provider.carrier_id = CarrierIdentity.objects.create(operator_id=operator.pk, provider_id=provider.pk).pk
        ref = f"provider:{provider.pk}"
        # What we owe a carrier has no floor: it is the carrier who limits us.
        provider.account_id = open_account(
            operator.pk, "provider", ref, provider.tariff.currency, label=provider.name, floor=None
        )
        provider.limit_account_id = set_call_limit(operator.pk, ref, provider.call_limit)
        provider.save()
    return provider
