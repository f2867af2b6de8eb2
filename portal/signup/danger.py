"""Signing up by oneself and money for nothing don't go together: refused without limit, else typed out.

With both, strangers register by the thousand for free calls (resellers.md 8.2).
"""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.people.models import CustomerTemplate


def gifts(templates: Iterable[CustomerTemplate]) -> list[CustomerTemplate]:
    """Those that let a new customer talk without having paid."""
    return [one for one in templates if one.gift is None or one.gift > 0]


def check(is_enabled: bool, templates: Iterable[CustomerTemplate], typed: str, word: str) -> None:
    """Raises ValidationError for what must not be, and for what must be typed out as `word` and wasn't."""
    given = gifts(templates) if is_enabled else []
    if not given:
        return
    names = ", ".join(one.name for one in given)
    if any(one.gift is None for one in given):
        raise ValidationError(
            _("Nobody may sign up to a credit without limit (%(names)s). Set a limit, or switch signing up off.")
            % {"names": names},
            code="unlimited",
        )
    if typed.strip() != word:
        raise ValidationError(
            _("Whoever signs up could call without having paid (%(names)s). If you want that, type %(word)s below.")
            % {"names": names, "word": word},
            code="untyped",
        )
