"""What those who sign up are offered, and whether anybody can sign up here at all."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse

from plans.gate import OverLimit, reserve_customers
from portal.devices.models import DeviceTemplate
from portal.devices.templates_of_devices import default_device_template
from portal.people.models import CustomerTemplate
from portal.people.templates_of_customers import default_customer_template
from portal.signup.models import Agreement, Plan, SignUpRules
from tenants.models import Operator
from tenants.reseller_terms import terms_of


def templates_of(plan: Plan | None) -> tuple[CustomerTemplate, DeviceTemplate]:
    """What a plan makes; without a plan, what every new customer starts with."""
    if plan is None:
        return default_customer_template(), default_device_template()
    return plan.customer, plan.device


def offered_plans() -> list[Plan]:
    return list(Plan.objects.filter(is_offered=True).select_related("customer__tariff", "device__location"))


def offered_templates() -> list[CustomerTemplate]:
    """Everything somebody could get by signing up now."""
    return [one.customer for one in offered_plans()] or [default_customer_template()]


def is_open(operator: Operator) -> bool:
    """Switched on here, and not forbidden by the operator above."""
    return operator.is_active and SignUpRules.ours().enabled and terms_of(operator).value("sign_up") is not False


def has_room(operator: Operator) -> bool:
    """Whether one more customer fits what the operator has bought. Nothing is reserved."""
    with transaction.atomic():
        try:
            reserve_customers(operator)
        except OverLimit:
            return False
        finally:
            transaction.set_rollback(True)
    return True


def current_agreement() -> Agreement | None:
    return Agreement.objects.first()


def sign_up_link(request: HttpRequest) -> dict[str, Any]:
    """For templates: `sign_up_url`, asked for only where it is shown."""

    def url() -> str:
        operator = getattr(request, "operator", None)
        return reverse("signup:sign_up") if operator is not None and is_open(operator) else ""

    return {"sign_up_url": url}
