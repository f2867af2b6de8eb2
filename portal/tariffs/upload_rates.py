"""Putting a price list into a tariff: read and shown first, applied when somebody says yes, all of it or nothing."""

from __future__ import annotations

import zlib
from datetime import timedelta, tzinfo

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from calls.destinations import Destination
from portal.tariffs.compare_prices import Comparison, compare_prices
from portal.tariffs.models import RateUpload, Tariff
from portal.tariffs.read_prices import PriceList, read_prices
from telecom.prefixes import longest

KEPT = timedelta(days=1)


class TariffChanged(Exception):
    """The tariff is no longer what the summary was made from; the upload carries a new summary."""


def stage_upload(tariff: Tariff, file_name: str, content: bytes, mode: str, zone: tzinfo) -> RateUpload | PriceList:
    """Keep a good file with a summary of what it would do; of a faulty one answer the faults. Raises BadFile."""
    prices = read_prices(content, zone)
    if prices.problem_count:
        return prices
    now = timezone.now()
    summary = compare_prices(tariff, prices.lines, mode, now).summary() | {"zone": str(zone)}
    with transaction.atomic():
        RateUpload.objects.filter(created_at__lt=now - KEPT).delete()
        return RateUpload.objects.create(
            tariff=tariff, mode=mode, file_name=file_name[:200], content=zlib.compress(content, 1), summary=summary
        )


def apply_upload(upload: RateUpload, zone: tzinfo) -> dict:
    """Do what the summary said, in one transaction, and forget the file.

    Raises TariffChanged when it would now do something else, RateUpload.DoesNotExist when it was done already.
    """
    prices = read_prices(zlib.decompress(bytes(upload.content)), zone)
    now = timezone.now()
    try:
        with transaction.atomic():
            tariff = Tariff.objects.select_for_update().get(pk=upload.tariff_id)
            upload.refresh_from_db(fields=["summary"])
            comparison = compare_prices(tariff, prices.lines, upload.mode, now)
            summary = comparison.summary() | {"zone": str(zone)}
            if summary == upload.summary:
                _write(tariff, comparison, now)
                upload.delete()
                return summary
    except IntegrityError:
        # Somebody wrote one of these rates by hand in the same moment.
        raise TariffChanged from None
    upload.summary = summary
    upload.save(update_fields=["summary"])
    raise TariffChanged


def _write(tariff: Tariff, comparison: Comparison, now) -> None:
    """Two statements whatever the length, so that the operator's book is raised once or twice and not per rate."""
    if comparison.deleted:
        with connection.cursor() as cursor:
            cursor.execute("delete from tariffs_rate where id = any(%s)", [comparison.deleted])
    if comparison.inserted:
        names = {}
        if not all(line.destination for line in comparison.inserted):
            names = dict(Destination.objects.values_list("prefix", "name"))
        columns = (
            "tariff_id, prefix, destination, price, connection_fee, min_seconds, increment, effective_from, blocked"
        )
        with connection.cursor() as cursor, cursor.copy(f"copy tariffs_rate ({columns}) from stdin") as rows:
            for line in comparison.inserted:
                destination = line.destination or names.get(longest(names, line.prefix) or "", "")
                since = line.effective_from or now
                rows.write_row(
                    (tariff.pk, line.prefix, destination, line.price, line.connection_fee, line.min_seconds,
                     line.increment, since, line.blocked)
                )  # fmt: skip
    if comparison.deleted or comparison.inserted:
        Tariff.objects.filter(pk=tariff.pk).update(changed_at=now)
