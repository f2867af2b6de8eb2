"""Our providers for common use: who of the Reseller PROs right below us may use which, at which price.

A PRO never sees more of such a provider than its name, its own prices and whether it works. Source: resellers.md 3.1.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from portal.routing.models import CommonUse, LcrEntry, NewProRule, Provider
from portal.tariffs.models import Tariff
from tenants.below import operator_below
from tenants.context import current_operator, in_operator
from tenants.models import Operator


class Hit(NamedTuple):
    """An LCR of an operator below that names the provider."""

    operator: str
    lcr: str

    def __str__(self) -> str:
        return f"{self.operator}: {self.lcr}"


class InUse(Exception):
    """LCRs below would lose a way out; `hits` names them."""

    def __init__(self, hits: list[Hit]) -> None:
        names = ", ".join(str(one) for one in hits[:10]) + (" …" if len(hits) > 10 else "")
        super().__init__(_("These LCRs use it: %(names)s.") % {"names": names})
        self.hits = hits


def pros_below() -> list[Operator]:
    """The Reseller PROs right below us, by name."""
    below = Operator.objects.filter(parent_id=current_operator().pk, kind=Operator.Kind.RESELLER_PRO)
    return list(below.exclude(state=Operator.State.CLOSED).order_by("name", "pk"))


def associate_all(tariff: Tariff, operators: Iterable[Operator] | None = None) -> int:
    """Let every PRO (or these) use every provider for common use at `tariff`; answers how many were new.

    What was agreed before stays as it is, so it may be done any number of times.
    """
    operators = pros_below() if operators is None else list(operators)
    providers = list(Provider.objects.filter(common_use=True))
    with transaction.atomic():
        before = CommonUse.objects.count()
        CommonUse.objects.bulk_create(
            [CommonUse(provider=one, operator_id=who.pk, tariff=tariff) for one in providers for who in operators],
            ignore_conflicts=True,
        )
        return CommonUse.objects.count() - before


def welcome_pro(operator: Operator) -> int:
    """What the rule for new PROs gives to `operator`, one right below us that is one now; nothing without the rule."""
    rule = NewProRule.objects.select_related("tariff").first()
    return associate_all(rule.tariff, [operator]) if rule is not None else 0


def hits(provider: Provider, operator_ids: Iterable[int]) -> list[Hit]:
    """The LCRs of these operators right below us that name the provider and would use it now."""
    found = []
    for operator_id in operator_ids:
        operator = operator_below(operator_id)
        with in_operator(operator):
            names = LcrEntry.objects.filter(common_provider_id=provider.pk, enabled=True).order_by("lcr__name")
            found += [Hit(operator.name, name) for name in names.values_list("lcr__name", flat=True)]
    return found


def end_use(agreed: CommonUse, *, switch_off: bool = False) -> None:
    """Take a provider back from an operator. Raises InUse while LCRs name it, unless those entries are to be off."""
    found = hits(agreed.provider, [agreed.operator_id])
    if found and not switch_off:
        raise InUse(found)
    with transaction.atomic():
        agreed.delete()
        with in_operator(operator_below(agreed.operator_id)):
            LcrEntry.objects.filter(common_provider_id=agreed.provider_id).update(enabled=False)
