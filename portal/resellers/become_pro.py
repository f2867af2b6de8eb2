"""A reseller becomes a Reseller PRO, for good, with the common providers that the rule for new PROs gives it."""

from __future__ import annotations

from django.db import transaction

from plans.gate import reserve_pro_flag
from portal.routing.common_use import welcome_pro
from tenants.below import make_pro
from tenants.models import Operator


def become_pro(operator: Operator) -> None:
    """`operator` is right below the one we are in. Done twice is done once. Raises NotBelow, OverLimit."""
    if operator.is_pro:
        return
    with transaction.atomic():
        reserve_pro_flag(operator)
        make_pro(operator)
        welcome_pro(operator)
