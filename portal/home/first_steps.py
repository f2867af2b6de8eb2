"""What is still missing before the first call can be sold, in the order in which it is best done."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.devices.models import Device
from portal.people.models import Customer
from portal.routing.models import Provider
from portal.tariffs.models import Tariff
from tenants.models import Operator


@dataclass(frozen=True)
class Step:
    title: str
    text: str
    url: str
    icon: str
    done: bool


def first_steps(operator: Operator) -> list[Step]:
    steps = []
    if operator.is_pro:
        steps.append(
            Step(
                _("Connect a provider"), _("The carrier that takes your calls into the world."),
                reverse("routing:providers"), "provider", Provider.objects.exists(),
            )
        )  # fmt: skip
    return [
        *steps,
        Step(
            _("Make a price list"), _("A tariff says what a minute to each destination costs your customers."),
            reverse("tariffs:list"), "tariff", Tariff.objects.filter(purpose=Tariff.Purpose.SELL).exists(),
        ),
        Step(
            _("Add a customer"), _("Who pays you. Give them the tariff, and a balance or a credit limit."),
            reverse("people:new_customer"), "users", Customer.objects.filter(operator_id=None).exists(),
        ),
        Step(
            _("Add a device"), _("A phone or a switch that makes calls for the customer."),
            reverse("devices:new"), "device", Device.objects.exists(),
        ),
    ]  # fmt: skip
