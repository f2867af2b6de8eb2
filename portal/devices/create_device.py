"""A new device: its platform-wide SIP user name, its secret (told once, kept only as digests), its call limit."""

from __future__ import annotations

import hashlib
import secrets
from typing import NamedTuple

from django.conf import settings
from django.db import transaction

from ledger.accounts import set_call_limit
from portal.devices.models import Device
from tenants.context import current_operator
from tenants.models import SipIdentity

# No look-alikes: people type these into phones.
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
SECRET_LENGTH = 20


class Created(NamedTuple):
    """`secret` is the only time the SIP password can be read."""

    device: Device
    secret: str


def create_device(device: Device) -> Created:
    """Save `device` (unsaved so far) under a new SIP identity with a random secret."""
    operator = current_operator()
    with transaction.atomic():
        device.save()
        identity = SipIdentity.objects.create(operator_id=operator.pk, device_id=device.pk)
        device.identity_id = identity.pk
        device.limit_account_id = set_call_limit(operator.pk, f"device:{device.pk}", device.call_limit)
        secret = renew_secret(device)
    return Created(device, secret)


def renew_secret(device: Device) -> str:
    """Give the device a new random secret and save it; the old one stops working at the next registration."""
    secret = "".join(secrets.choice(LETTERS) for _ in range(SECRET_LENGTH))
    device.digest_md5, device.digest_sha256 = digests(device.username, secret)
    device.save()
    return secret


def digests(username: str, secret: str) -> tuple[str, str]:
    """H(user:realm:secret) in MD5 (RFC 2617) and SHA-256 (RFC 8760): what a server needs to check, and no more."""
    text = f"{username}:{settings.SIP_REALM}:{secret}".encode()
    return hashlib.md5(text, usedforsecurity=False).hexdigest(), hashlib.sha256(text).hexdigest()
