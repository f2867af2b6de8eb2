"""A tariff as a CSV file: no spreadsheet runs anything in it, and it can be sent back unchanged."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal

from portal.tariffs.models import Rate, Tariff
from portal.tariffs.price_file import COLUMNS, title


class _Echo:
    def write(self, text: str) -> str:
        return text


def price_lines(tariff: Tariff) -> Iterator[str]:
    """The lines of the file, in UTF-8 with a mark at its beginning, which spreadsheets want to see."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow([title(column) for column in COLUMNS])
    rows = Rate.objects.filter(tariff=tariff).values_list(*COLUMNS)
    for prefix, destination, price, fee, min_seconds, increment, since, blocked in rows.iterator(chunk_size=5000):
        yield writer.writerow([
            prefix, safe_cell(destination), plain(price), plain(fee), min_seconds, increment, since.isoformat(),
            "yes" if blocked else "no",
        ])  # fmt: skip


def safe_cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def plain(amount: Decimal) -> str:
    """All digits that count, with a point, never 1E-7."""
    return f"{amount.normalize():f}"
