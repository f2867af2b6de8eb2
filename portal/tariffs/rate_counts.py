"""How many rates a tariff has, without counting a hundred thousand rows for every page that says so."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.cache import cache

from portal.tariffs.models import Rate
from tenants.context import current_operator
from tenants.models import BookVersion

# Rates that begin by themselves are counted this much late (seconds); every other change is in the book's version.
KEPT = 60


def rate_counts(tariff_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """{tariff id: (rates in force, all rates)} for each of them."""
    version = BookVersion.objects.filter(pk=current_operator().pk).values_list("version", flat=True).first()
    keys = {f"rates/{version}/{pk}": pk for pk in tariff_ids}
    known = {keys[key]: value for key, value in cache.get_many(keys).items()}
    if missing := set(keys.values()) - known.keys():
        counted = Rate.objects.filter(tariff__in=missing).counts()
        fresh = {pk: counted.get(pk, (0, 0)) for pk in missing}
        cache.set_many({key: fresh[pk] for key, pk in keys.items() if pk in fresh}, KEPT)
        known |= fresh
    return known
