"""What a price list would change in a tariff, found before anything is changed."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from portal.tariffs.models import Rate, RateUpload, Tariff
from portal.tariffs.read_prices import PriceLine

SHOWN = 25


class Held(NamedTuple):
    """A rate that the tariff has."""

    pk: int
    prefix: str
    destination: str
    price: Decimal
    connection_fee: Decimal
    min_seconds: int
    increment: int
    effective_from: datetime
    blocked: bool


class Comparison(NamedTuple):
    """Lines to insert, ids to delete, and what that means: a changed rate is among the deleted or stays as history."""

    inserted: list[PriceLine]
    deleted: list[int]
    new: int
    changed: list[tuple[Held, PriceLine]]
    same: int
    removed: list[Held]

    def summary(self) -> dict:
        """Counts, and the first of the changes, as JSON."""
        return {
            "new": self.new, "changed": len(self.changed), "same": self.same, "removed": len(self.removed),
            "changes": [
                [old.prefix, line.destination or old.destination, f"{old.price.normalize():f}",
                 f"{line.price.normalize():f}", line.blocked]
                for old, line in self.changed[:SHOWN]
            ],
            "removals": [[old.prefix, old.destination, f"{old.price.normalize():f}"] for old in self.removed[:SHOWN]],
        }  # fmt: skip


def compare_prices(tariff: Tariff, lines: list[PriceLine], mode: str, now: datetime) -> Comparison:
    """A line with a date is compared with the rate of that date, one without with the rate in force now."""
    rows = Rate.objects.filter(tariff=tariff).order_by().values_list(*Held._fields)
    held = {row[0]: Held(*row) for row in rows.iterator(chunk_size=20_000)}
    by_instant = {(one.prefix, one.effective_from): one for one in held.values()}
    in_force: dict[str, Held] = {}
    for one in held.values():
        if one.effective_from <= now and (
            one.prefix not in in_force or in_force[one.prefix].effective_from < one.effective_from
        ):
            in_force[one.prefix] = one
    inserted, deleted, changed, kept = [], [], [], set()
    same = new = 0
    for line in lines:
        since = line.effective_from
        old = by_instant.get((line.prefix, since)) if since else in_force.get(line.prefix)
        if old is None:
            new += 1
            inserted.append(line)
        elif _is_same(old, line):
            same += 1
            kept.add(old.pk)
        else:
            changed.append((old, line))
            inserted.append(line if line.destination else line._replace(destination=old.destination))
            if since:
                deleted.append(old.pk)
    superseded = {old.pk for old, _line in changed}
    removed: list[Held] = []
    if mode == RateUpload.Mode.REPLACE:
        deleted = [pk for pk in held if pk not in kept]
        removed = [one for one in held.values() if one.pk not in kept and one.pk not in superseded]
    return Comparison(inserted, deleted, new, changed, same, removed)


def _is_same(old: Held, line: PriceLine) -> bool:
    return (
        old.price == line.price
        and old.connection_fee == line.connection_fee
        and old.min_seconds == line.min_seconds
        and old.increment == line.increment
        and old.blocked == line.blocked
        and (not line.destination or old.destination == line.destination)
    )
