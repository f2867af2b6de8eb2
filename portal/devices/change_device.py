"""Changing a device: the row with its call limit; suspending and archiving, two things. None is deleted."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from ledger.accounts import set_call_limit
from portal.devices.models import Device
from tenants.context import current_operator


def change_device(device: Device) -> None:
    with transaction.atomic():
        device.limit_account_id = set_call_limit(current_operator().pk, f"device:{device.pk}", device.call_limit)
        device.save()


def suspend(device: Device) -> None:
    Device.objects.filter(pk=device.pk).update(state=Device.State.SUSPENDED)


def resume(device: Device) -> None:
    Device.objects.filter(pk=device.pk).update(state=Device.State.ACTIVE)


def archive(device: Device) -> None:
    """Out of the lists, and no more calls: nobody would see what it does."""
    Device.objects.filter(pk=device.pk, archived_at=None).update(
        archived_at=timezone.now(), state=Device.State.SUSPENDED
    )


def restore(device: Device) -> None:
    """Back in the lists, still suspended until somebody resumes it."""
    Device.objects.filter(pk=device.pk).update(archived_at=None)
