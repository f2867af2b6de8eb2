"""Links to set a password, bound to the operator: the same user number elsewhere can't use them. Each works once."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator

from portal.people.models import User
from tenants.context import current_operator

INVITATION_SECONDS = 7 * 24 * 3600


class ResetTokens(PasswordResetTokenGenerator):
    key_salt = "portal.people.reset"

    def _make_hash_value(self, user, timestamp: int) -> str:
        return f"{current_operator().pk}:{super()._make_hash_value(user, timestamp)}"

    def make_invitation(self, user: User) -> str:
        """A token like a reset's that is good for a week: dated later, so that it gets as old later."""
        extra = INVITATION_SECONDS - settings.PASSWORD_RESET_TIMEOUT
        return self._make_token_with_timestamp(user, self._num_seconds(self._now()) + extra, self.secret)


reset_tokens = ResetTokens()
