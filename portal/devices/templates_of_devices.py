"""What a new device starts with."""

from __future__ import annotations

from portal.devices.models import Device, DeviceTemplate
from portal.people.models import Customer


def default_device_template() -> DeviceTemplate:
    """The operator's, else the plain one."""
    found = DeviceTemplate.objects.filter(is_default=True).select_related("location").first()
    return found or DeviceTemplate(name="Default", is_default=True)


def device_from(template: DeviceTemplate, customer: Customer) -> Device:
    """A device (unsaved) for the customer, as the template says. It has no caller id before a number is proved."""
    return Device(
        customer=customer, name=template.device_name, location=template.location, call_limit=template.call_limit,
        ring_seconds=template.ring_seconds,
    )  # fmt: skip
