"""Reading a price list as carriers send them: CSV in any common encoding, every fault named with its line.

Reads text and nothing else: it knows no tariff and changes nothing.
"""

from __future__ import annotations

import csv
import io
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from portal.tariffs.price_cells import HIDDEN, BadValue, Cells
from portal.tariffs.price_file import BadFile, decoded, header, title

MAX_LINES = 500_000
MAX_PROBLEMS = 200
ZERO = Decimal(0)


class PriceLine(NamedTuple):
    """One line. `destination` empty and `effective_from` None: the file doesn't say."""

    line: int
    prefix: str
    destination: str
    price: Decimal
    connection_fee: Decimal
    min_seconds: int
    increment: int
    effective_from: datetime | None
    blocked: bool


class Problem(NamedTuple):
    line: int
    column: str
    value: str
    message: str


class PriceList(NamedTuple):
    """Good lines, and what is wrong: the first faults, and how many there are in all."""

    lines: list[PriceLine]
    problems: list[Problem]
    problem_count: int


def read_prices(content: bytes, zone: tzinfo) -> PriceList:
    """The lines of a CSV file. Times without an offset are in `zone`. Raises BadFile."""
    text = decoded(content)
    separator, columns, heading = header(text)
    return _Reading(zone, columns, heading).read(
        csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    )


class _Reading:
    """One file being read. Values that come again are parsed once: a list of 100,000 lines has a few hundred prices."""

    def __init__(self, zone: tzinfo, columns: list[str], names: list[str]) -> None:
        self.cells, self.columns, self.names = Cells(zone), columns, names
        self.lines: list[PriceLine] = []
        self.problems: list[Problem] = []
        self.problem_count = 0
        self._known: dict[tuple[str, str], object] = {}
        self._seen: dict[tuple[str, datetime | None], int] = {}

    def read(self, reader) -> PriceList:
        rows = iter(reader)
        titled = False
        while True:
            line = reader.line_num + 1
            try:
                row = next(rows)
            except StopIteration:
                break
            except csv.Error:
                self._fault(line, "", "", _("The quotation marks of this line don't match, so the rest can't be read."))
                break
            if not any(cell.strip() for cell in row):
                continue
            if not titled:
                titled = True
                continue
            if len(self.lines) + self.problem_count >= MAX_LINES:
                raise BadFile(_("The file has more than 500,000 lines: split it."))
            self._line(line, row)
        if not self.lines and not self.problem_count:
            raise BadFile(_("The file has a heading but no prices."))
        return PriceList(self.lines, self.problems, self.problem_count)

    def _line(self, line: int, row: list[str]) -> None:
        if len(row) != len(self.columns):
            self._fault(
                line, "", "", _("The line has %(has)s columns, the heading has %(needs)s.")
                % {"has": len(row), "needs": len(self.columns)},
            )  # fmt: skip
            return
        values: dict[str, object] = {}
        good = True
        for index, column in enumerate(self.columns):
            key = (column, row[index])
            try:
                value = self._known.get(key)
                if value is None:
                    value = self.cells.value(column, row[index])
                    if column != "prefix":
                        self._known[key] = value
                values[column] = value
            except BadValue as wrong:
                good = False
                self._fault(line, self.names[index], row[index], str(wrong))
        if not good:
            return
        blocked = bool(values.get("blocked", False))
        price = values["price"]
        if price == "":
            if not blocked:
                self._fault(line, title("price"), "", _("The price is missing."))
                return
            price = ZERO
        since = values.get("effective_from") or None
        prefix = values["prefix"]
        if (before := self._seen.setdefault((prefix, since), line)) != line:  # type: ignore[arg-type]
            self._fault(
                line, title("prefix"), str(prefix),
                _("Line %(line)s has the same prefix. Remove one of the two.") % {"line": before},
            )  # fmt: skip
            return
        self.lines.append(
            PriceLine(
                line, prefix, values.get("destination", ""), price, values.get("connection_fee") or ZERO,  # type: ignore
                values.get("min_seconds") or 0, values.get("increment") or 1, since, blocked,  # type: ignore[arg-type]
            )
        )  # fmt: skip

    def _fault(self, line: int, column: str, value: str, message: str) -> None:
        self.problem_count += 1
        if len(self.problems) < MAX_PROBLEMS:
            shown = HIDDEN.sub("�", value)
            self.problems.append(Problem(line, column, shown[:60] + ("…" if len(shown) > 60 else ""), message))
