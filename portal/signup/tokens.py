"""Tokens of mailed links: 256 random bits, kept as a digest that is made of the operator too."""

from __future__ import annotations

import hashlib
import secrets

from tenants.context import current_operator


def new_token() -> str:
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """Of a token at this very operator; the same token elsewhere has another digest."""
    return hashlib.sha256(f"{current_operator().pk}:{token}".encode("utf-8", "replace")).hexdigest()
