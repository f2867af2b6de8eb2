"""A copy of an LCR for an operator right below us: whole or not at all. Source: resellers.md section 3.2.

Providers for common use that the other may use go along. Our own providers, and what stands above us, are ours alone.
"""

from __future__ import annotations

from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from portal.routing.models import CommonUse, Lcr, LcrEntry, Provider
from tenants.context import current_operator, in_operator
from tenants.models import Operator

COPIED = ("order", "first_only", "percent_limit", "min_margin_percent", "allow_loss")


class Forbidden(Exception):
    """The other operator may not use these providers of the LCR (`names`)."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(
            _("These providers can't go along, because the reseller may not use them: %(names)s.")
            % {"names": ", ".join(names)}
        )
        self.names = names


class CopiedLcr(NamedTuple):
    name: str
    entries: int
    left_out: list[str]


def copy_lcr(lcr_id: int, source: Operator, target: Operator, *, without_forbidden: bool = False) -> CopiedLcr:
    """Copy an LCR of ours, or of one right below us, to `target`, a Reseller PRO right below us; in one transaction.

    Raises LookupError, Forbidden, and ValueError if the other can't have LCRs or nothing of this one would be left.
    """
    if not target.is_pro:
        raise ValueError(_("Only a Reseller PRO has LCRs."))
    agreed = CommonUse.objects.filter(operator_id=target.pk, provider__common_use=True)
    usable = set(agreed.values_list("provider_id", flat=True))
    is_ours = source.pk == current_operator().pk
    with in_operator(source):
        lcr = Lcr.objects.filter(pk=lcr_id).first()
        if lcr is None:
            raise LookupError(lcr_id)
        entries = list(lcr.entries.select_related("provider"))
    kept, names = [], []
    for one in entries:
        provider_id = one.provider_id if is_ours else one.common_provider_id
        # Our routing as a whole is what everybody below us has; what stands above us is not.
        goes_along = provider_id in usable if provider_id else not is_ours and one.provider_id is None
        if goes_along:
            kept.append(LcrEntry(common_provider_id=provider_id, priority=one.priority, enabled=one.enabled))
        else:
            names.append(_name(one))
    if names and not without_forbidden:
        raise Forbidden(names)
    if not kept:
        raise ValueError(_("Nothing of this LCR would be left: the reseller may use none of its providers."))
    with in_operator(target), transaction.atomic():
        made = Lcr.objects.create(name=_free_name(lcr.name), **{name: getattr(lcr, name) for name in COPIED})
        for one in kept:
            one.lcr = made
        LcrEntry.objects.bulk_create(kept)
    return CopiedLcr(made.name, len(kept), names)


def _name(entry: LcrEntry) -> str:
    if entry.provider is not None:
        return entry.provider.name
    if entry.common_provider_id is not None:
        known = Provider.objects.filter(pk=entry.common_provider_id).values_list("name", flat=True).first()
        return known or str(entry.common_provider_id)
    return _("the operator above")


def _free_name(name: str) -> str:
    taken = set(Lcr.objects.filter(name__startswith=name[:90]).values_list("name", flat=True))
    if name not in taken:
        return name
    number = 2
    while f"{name[:90]} ({number})" in taken:
        number += 1
    return f"{name[:90]} ({number})"
