"""Rows that count. Rooms that aren't built yet are stood in for by locations, which every operator's schema has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plans import catalogue, counting


@pytest.fixture
def build(monkeypatch):
    """`build("calling_cards")`: as if the addon's room were there."""

    def make(key: str) -> None:
        addon = replace(catalogue.ADDONS[key], built=True)
        addons = dict(catalogue.ADDONS) | {key: addon}
        quotas = {
            name: (addon if owner.key == key else owner, quota) for name, (owner, quota) in catalogue.QUOTAS.items()
        }
        monkeypatch.setattr(catalogue, "ADDONS", addons)
        monkeypatch.setattr(catalogue, "QUOTAS", quotas)

    return make


@pytest.fixture
def rooms(monkeypatch):
    """No room has said anything yet; what a test says is forgotten after it."""
    monkeypatch.setattr(counting, "_COUNTED", {})
    from portal.people.models import Customer

    def customers():
        return Customer.objects.filter(operator_id__isnull=True)

    for key in ("reseller.users", "reseller_pro.users"):
        counting.counted(
            key,
            count=lambda: customers().count(),
            members=lambda: list(customers().values_list("created_at", "pk")),
            suspend=lambda ids: customers().filter(pk__in=ids).update(state="suspended"),
            resume=lambda ids: customers().filter(pk__in=ids).update(state="active"),
        )


@pytest.fixture
def cards(build, rooms):
    """Calling cards as they will be: `cards.make(operator, n)` inside a transaction, through the gate."""
    from types import SimpleNamespace

    from django.db import transaction

    from plans.gate import reserve
    from portal.numbers.models import Location
    from tenants.context import in_operator

    build("calling_cards")
    there = Location.objects.filter(name__startswith="card ")
    counting.counted("calling_cards.cards", count=lambda: there.all().count())

    def make(operator, count, pause=lambda: None):
        with in_operator(operator), transaction.atomic():
            reserve(operator, "calling_cards.cards", count)
            pause()
            have = there.all().count()
            Location.objects.bulk_create(Location(name=f"card {have + n} {operator.pk}") for n in range(count))

    def count(operator):
        with in_operator(operator):
            return there.all().count()

    return SimpleNamespace(make=make, count=count)


@pytest.fixture
def standin(settings):
    """A fresh stand-in for Stripe; events wait in it until a test has them delivered."""
    from tests.payments.standin import KEY, SECRET, standing_in

    with standing_in() as running:
        settings.STRIPE_KEY, settings.STRIPE_WEBHOOK_SECRET, settings.STRIPE_API_BASE = KEY, SECRET, running.base
        running.control(hold=True)
        yield running
