"""From an operator's rows to its book. Runs in the builder process, never in the way of a call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction

from portal.devices.models import Device as DeviceRow
from portal.numbers.models import Location as LocationRow
from portal.people.models import Customer as CustomerRow
from portal.routing.models import CommonUse, LcrEntry, ProviderRule
from portal.routing.models import Lcr as LcrRow
from portal.routing.models import Provider as ProviderRow
from portal.tariffs.models import Currency, Rate
from portal.tariffs.models import Tariff as TariffRow
from telecom import book, deck, localization, rating
from tenants.context import in_operator, leave_operator
from tenants.lookup import operator_by_id
from tenants.models import BookVersion, Operator


class NoBook(LookupError):
    """There is no such operator (any more)."""


def compile_book(operator_id: int) -> book.Book:
    """Read one operator's rows as of one instant. Raises NoBook."""
    leave_operator()
    operator = operator_by_id(operator_id)
    if operator is None or operator.state == Operator.State.CLOSED:
        raise NoBook(f"There is no operator {operator_id}.")
    with in_operator(operator):
        # Enters the schema now: the isolation level must be the first statement of its transaction.
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        return _read(operator)


def _read(operator: Operator) -> book.Book:
    """One snapshot for all tables, and for the version they are said to be."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
        version = BookVersion.objects.filter(pk=operator.pk).values_list("version", flat=True).first() or 0
        rows = list(LocationRow.objects.prefetch_related("rules"))
        locations = {row.pk: _location(row) for row in rows}
        if not operator.is_pro:
            locations = {pk: _without_numbers(one) for pk, one in locations.items()}
        return book.Book(
            operator=_operator(operator),
            version=version,
            customers={row.pk: _customer(row) for row in CustomerRow.objects.all()},
            devices={row.pk: _device(row) for row in DeviceRow.objects.filter(identity_id__isnull=False)},
            locations=locations,
            tariffs={row.pk: _tariff(row) for row in TariffRow.objects.all()},
            lcrs={row.pk: _lcr(row) for row in LcrRow.objects.prefetch_related("entries__provider")},
            providers={
                row.pk: _provider(row)
                for row in ProviderRow.objects.filter(carrier_id__isnull=False, account_id__isnull=False)
                .select_related("tariff")
                .prefetch_related("rules")
            },
            # Globals are the owner's alone: a reseller's devices go by their own location (rating-routing 3.2 g).
            global_location_id=next((row.pk for row in rows if row.is_global), None) if operator.is_owner else None,
            prelocation_id=next((row.pk for row in rows if row.goes_first), None),
            common_use=_common_use(),
        )


def _operator(row: Operator) -> book.Operator:
    return book.Operator(
        id=row.pk,
        parent_id=row.parent_id,
        kind=book.OperatorKind.RESELLER_PRO if row.is_pro else book.OperatorKind.RESELLER,
        currency=row.currency,
        state=_state(row.state == Operator.State.ACTIVE),
        fx={one.code: one.rate for one in Currency.objects.all()},
    )


def _state(active: bool) -> book.State:
    return book.State.ACTIVE if active else book.State.BLOCKED


def _customer(row: CustomerRow) -> book.Customer:
    assert row.account_id is not None
    return book.Customer(
        id=row.pk,
        account_id=row.account_id,
        currency=row.currency,
        tariff_id=row.tariff_id,
        lcr_id=row.lcr_id,
        state=_state(row.state == CustomerRow.State.ACTIVE),
        call_account_id=row.limit_account_id,
        operator_id=row.operator_id,
        allow_loss=row.allow_loss,
        name=row.name,
    )


def _device(row: DeviceRow) -> book.Device:
    assert row.identity_id is not None
    return book.Device(
        id=row.pk,
        directory_id=row.identity_id,
        customer_id=row.customer_id,
        location_id=row.location_id,
        state=_state(row.state == DeviceRow.State.ACTIVE and row.archived_at is None),
        caller_id=row.caller_id,
        call_account_id=row.limit_account_id,
        ring_seconds=row.ring_seconds,
        name=row.name,
    )


def _location(row: LocationRow) -> book.Location:
    return book.Location(row.pk, tuple(one.as_rule() for one in row.rules.all()), row.name)


def _without_numbers(location: book.Location) -> book.Location:
    """As it counts for a plain reseller, whose rules send no call to a number (resellers.md 3)."""
    rules = tuple(
        replace(one, effects=replace(one.effects, did="")) if one.effects.did else one for one in location.rules
    )
    return replace(location, rules=rules)


def _common_use() -> dict[int, dict[int, int]]:
    found: dict[int, dict[int, int]] = {}
    for one in CommonUse.objects.filter(provider__common_use=True):
        found.setdefault(one.operator_id, {})[one.provider_id] = one.tariff_id
    return found


def _tariff(row: TariffRow) -> book.Tariff:
    return book.Tariff(
        id=row.pk,
        currency=row.currency,
        deck=deck.Deck(deck.build(_rates(row.pk))),
        rounding=rating.Rounding(row.rounding),
        grace=row.grace_seconds,
        name=row.name,
    )


def _rates(tariff_id: int) -> Iterator[deck.DeckRow]:
    columns = ("prefix", "price", "connection_fee", "min_seconds", "increment", "effective_from", "blocked")
    rows = Rate.objects.filter(tariff=tariff_id).order_by().values_list(*columns)
    for prefix, price, fee, min_seconds, increment, effective_from, blocked in rows.iterator(chunk_size=20_000):
        yield deck.DeckRow(
            prefix, _plain(price), _plain(fee), min_seconds, increment, microseconds(effective_from), blocked
        )


def _plain(amount: Decimal) -> Decimal:
    """Without the zeros the column adds: equal prices are then stored once, and arithmetic has fewer digits."""
    return amount.normalize() if amount else Decimal(0)


def microseconds(at: datetime) -> int:
    """An aware instant as whole microseconds since 1970 UTC, exactly (a float would be off by some)."""
    whole = int(at.replace(microsecond=0).timestamp())
    return whole * 1_000_000 + at.microsecond


def _lcr(row: LcrRow) -> book.Lcr:
    return book.Lcr(
        id=row.pk,
        order=book.LcrOrder(row.order),
        entries=tuple(_entry(one) for one in row.entries.all()),
        first_only=row.first_only,
        percent_limit=row.percent_limit,
        margin_percent=row.min_margin_percent,
        allow_loss=row.allow_loss,
        name=row.name,
    )


def _entry(row: LcrEntry) -> book.LcrEntry:
    return book.LcrEntry(row.provider_id, row.priority, enabled=row.enabled, common_provider_id=row.common_provider_id)


def _provider(row: ProviderRow) -> book.Provider:
    assert row.carrier_id is not None and row.account_id is not None
    return book.Provider(
        id=row.pk,
        directory_id=row.carrier_id,
        account_id=row.account_id,
        currency=row.tariff.currency,
        tariff_id=row.tariff_id,
        state=_state(row.active),
        caller_rules=_provider_rules(row, ProviderRule.Side.CALLER),
        called_rules=_provider_rules(row, ProviderRule.Side.CALLED),
        ring_seconds=row.ring_seconds,
        call_account_id=row.limit_account_id,
        name=row.name,
    )


def _provider_rules(row: ProviderRow, side: str) -> tuple[localization.Rule, ...]:
    kind = localization.RuleKind.CALLER_ID if side == ProviderRule.Side.CALLER else localization.RuleKind.DESTINATION
    return tuple(
        localization.Rule(one.pk, kind, one.cut, one.add, one.min_length, one.max_length, one.position)
        for one in row.rules.all()
        if one.side == side
    )
