"""Destinations of the world: which country and kind of line a number leads to. One table for all operators."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

LONGEST = 15


class DestinationQuerySet(models.QuerySet["Destination"]):
    def of(self, number: str) -> Destination | None:
        """Where `number` (E.164 in digits, without the plus) leads: the longest prefix it begins with."""
        return self.of_all([number]).get(number)

    def of_all(self, numbers: Iterable[str]) -> dict[str, Destination]:
        """The same for many numbers in one query; those that lead nowhere are missing."""
        numbers = list(numbers)
        # Equality only: a comparison by LIKE would not use the index where row-level security is in the way.
        asked = {number[:length] for number in numbers for length in range(1, min(len(number), LONGEST) + 1)}
        found: dict[str, Destination] = self.in_bulk(asked)  # type: ignore[assignment]
        longest: dict[str, Destination] = {}
        for number in numbers:
            fitting = (found.get(number[:length]) for length in range(min(len(number), LONGEST), 0, -1))
            if hit := next(filter(None, fitting), None):
                longest[number] = hit
        return longest


class Destination(models.Model):
    """A prefix and where it leads. `country` is ISO 3166, or 001 for codes that no country owns."""

    class Kind(models.TextChoices):
        FIXED = "fixed", _("Fixed")
        MOBILE = "mobile", _("Mobile")

    prefix = models.CharField(_("prefix"), max_length=15, primary_key=True)
    country = models.CharField(_("country"), max_length=3)
    name = models.CharField(_("destination"), max_length=120)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)

    objects = DestinationQuerySet.as_manager()

    class Meta:
        ordering = ["prefix"]

    def __str__(self) -> str:
        return self.name
