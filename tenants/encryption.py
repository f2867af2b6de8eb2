"""Secrets at rest: AES-256-GCM, bound to the operator and the field, so a row can't be read from another's schema.

The stored text is `1.<base64 of nonce + ciphertext>`; the 1 names the key, for the day there is a second one.
"""

from __future__ import annotations

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import connection, models


class Undecryptable(ValueError):
    """A stored secret that this key, operator or field can't open."""


def seal(secret: str, bound_to: str) -> str:
    nonce = os.urandom(12)
    sealed = AESGCM(settings.FIELD_KEY).encrypt(nonce, secret.encode(), bound_to.encode())
    return "1." + base64.b64encode(nonce + sealed).decode()


def unseal(stored: str, bound_to: str) -> str:
    """The secret again. Raises Undecryptable."""
    try:
        raw = base64.b64decode(stored.removeprefix("1."), validate=True)
        return AESGCM(settings.FIELD_KEY).decrypt(raw[:12], raw[12:], bound_to.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise Undecryptable("A stored secret can't be opened.") from error


class SecretField(models.TextField):
    """A text that only ever lies encrypted in the database. Empty stays empty."""

    def _bound_to(self, schema: str) -> str:
        return f"{schema}/{self.model._meta.db_table}/{self.column}"

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        return seal(value, self._bound_to(connection.schema_name)) if value else value

    def from_db_value(self, value, expression, connection_used):
        return unseal(value, self._bound_to(connection_used.schema_name)) if value else value
