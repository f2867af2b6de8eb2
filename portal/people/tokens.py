"""Password-reset links, bound to the operator: the same user number elsewhere can't use them."""

from __future__ import annotations

from django.contrib.auth.tokens import PasswordResetTokenGenerator

from tenants.context import current_operator


class ResetTokens(PasswordResetTokenGenerator):
    key_salt = "portal.people.reset"

    def _make_hash_value(self, user, timestamp: int) -> str:
        return f"{current_operator().pk}:{super()._make_hash_value(user, timestamp)}"


reset_tokens = ResetTokens()
