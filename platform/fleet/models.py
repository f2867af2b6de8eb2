"""Node: a media server Tandem gives calls to, and how it proves who it is."""

from __future__ import annotations

import hashlib
import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _


class Node(models.Model):
    class Kind(models.TextChoices):
        ASTERISK = "asterisk", "Asterisk"
        KAMAILIO = "kamailio", "Kamailio"
        SIMULATOR = "simulator", _("Simulator")

    name = models.CharField(_("name"), max_length=60, unique=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    address = models.CharField(_("address"), max_length=253, blank=True, default="")
    secret_sha256 = models.CharField(max_length=64)
    active = models.BooleanField(default=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    def new_secret(self) -> str:
        """A fresh 256-bit secret, to be shown once; only its hash is kept. Not saved yet."""
        secret = secrets.token_urlsafe(32)
        self.secret_sha256 = hash_of(secret)
        return secret


def hash_of(secret: str) -> str:
    """Plain SHA-256 is enough for a random 256-bit secret: there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()
