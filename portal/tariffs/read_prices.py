"""Reading a price list as carriers send them: CSV in any common encoding, every fault named with its line.

Reads text and nothing else: it knows no tariff and changes nothing.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from portal.tariffs.models import MAX_SECONDS

MAX_BYTES = 32 * 1024 * 1024
MAX_LINES = 500_000
MAX_PROBLEMS = 200

COLUMNS = {
    "prefix": "prefix code dialcode dialprefix dialingcode destinationcode areacode numberprefix breakout",
    "destination": "destination destinationname name description zone",
    "price": "price rate priceperminute rateperminute ratemin pricemin perminute cost tariff sellrate buyrate",
    "connection_fee": "connectionfee connectfee setupfee setup connectcharge connectioncharge setupcharge",
    "min_seconds": "minimum minimumseconds minseconds mintime minimumtime minduration initial firstinterval firstblock",
    "increment": "increment incrementseconds interval nextinterval billingincrement subsequent nextblock step",
    "effective_from": "effectivefrom effective effectivedate from validfrom startdate activefrom date",
    "blocked": "blocked block closed barred",
}
_MEANING = {word: column for column, words in COLUMNS.items() for word in words.split()}

_FORMULA = re.compile(r"\s*[=+@-]")
_HIDDEN = re.compile("[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_PREFIX = re.compile(r"[0-9]{1,15}", re.ASCII)
_AMOUNT = re.compile(r"([0-9]{1,10})(?:[.,]([0-9]{1,10})0*)?", re.ASCII)
_SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]+", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T].+)?|[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}", re.ASCII)
_YES = frozenset({"1", "yes", "true", "y", "x", "blocked"})
_NO = frozenset({"", "0", "no", "false", "n", "open"})
_ZERO = Decimal(0)


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


class BadFile(ValueError):
    """The file as a whole can't be read; the text is one sentence."""


class BadValue(ValueError):
    """One cell is wrong; the text is one sentence that says what to do."""


class PriceList(NamedTuple):
    """Good lines, and what is wrong: the first faults, and how many there are in all."""

    lines: list[PriceLine]
    problems: list[Problem]
    problem_count: int


def read_prices(content: bytes, zone: tzinfo) -> PriceList:
    """The lines of a CSV file. Times without an offset are in `zone`. Raises BadFile."""
    text = decoded(content)
    separator, columns, heading = _header(text)
    return _Reading(zone, columns, heading).read(
        csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    )


def decoded(content: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 or Latin-1 (as Windows writes it). Raises BadFile."""
    if not content.strip():
        raise BadFile(_("The file is empty."))
    if len(content) > MAX_BYTES:
        raise BadFile(_("The file is larger than 32 MB: split it."))
    if content.startswith(b"PK\x03\x04") or content.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadFile(_("This is a spreadsheet's own file: save it as CSV and send that."))
    try:
        if content.startswith(codecs.BOM_UTF8):
            text = content.decode("utf-8-sig")
        elif content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            text = content.decode("utf-16")
        elif content[1:2] == b"\0" and content[3:4] == b"\0":
            text = content.decode("utf-16-le")
        elif content[0:1] == b"\0" and content[2:3] == b"\0":
            text = content.decode("utf-16-be")
        else:
            text = _eight_bits(content)
    except UnicodeDecodeError:
        raise BadFile(_("The file's characters can't be read: save it as CSV in UTF-8.")) from None
    if "\0" in text:
        raise BadFile(_("This isn't a text file: save the price list as CSV."))
    return text


def _eight_bits(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        # The five bytes that Windows-1252 leaves open are control characters in Latin-1, and refused with their line.
        return (
            content.decode("cp1252") if not set(content) & set(b"\x81\x8d\x8f\x90\x9d") else content.decode("latin-1")
        )


def _header(text: str) -> tuple[str, list[str], list[str]]:
    """The separator, what each column means, and what it is called. Raises BadFile."""
    first = next((line for line in io.StringIO(text) if line.strip()), "").rstrip("\r\n")
    if not first:
        raise BadFile(_("The file is empty."))
    best: tuple[int, str, list[str]] = (-1, ",", [])
    for separator in ";\t,":
        try:
            names = next(csv.reader([first], delimiter=separator, strict=True), [])
        except csv.Error:
            continue
        known = sum(_plain(name) in _MEANING for name in names)
        if known > best[0]:
            best = (known, separator, names)
    _known, separator, names = best
    names = [name.strip() for name in names]
    meanings = [_MEANING.get(_plain(name), "") for name in names]
    for name, meaning in zip(names, meanings, strict=True):
        if not meaning:
            raise BadFile(
                _("The column “%(name)s” isn't known. Remove it, or name it one of: %(known)s.")
                % {"name": name[:60], "known": ", ".join(title(one) for one in COLUMNS)}
            )
        if meanings.count(meaning) > 1:
            raise BadFile(_("Two columns hold the same thing: “%(name)s”. Keep one.") % {"name": title(meaning)})
    for needed in ("prefix", "price"):
        if needed not in meanings:
            raise BadFile(
                _("The first line must name the columns, and “%(name)s” isn't among them.") % {"name": title(needed)}
            )
    return separator, meanings, names


def title(column: str) -> str:
    """What a column is called in our own files."""
    return column.replace("_", " ")


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower().replace("(s)", "").replace("(seconds)", ""))


class _Reading:
    """One file being read. Values that come again are parsed once: a list of 100,000 lines has a few hundred prices."""

    def __init__(self, zone: tzinfo, columns: list[str], names: list[str]) -> None:
        self.zone, self.columns, self.names = zone, columns, names
        self.lines: list[PriceLine] = []
        self.problems: list[Problem] = []
        self.problem_count = 0
        self.mark = ""
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
                    value = self._value(column, row[index])
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
            price = _ZERO
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
                line, prefix, values.get("destination", ""), price, values.get("connection_fee") or _ZERO,  # type: ignore
                values.get("min_seconds") or 0, values.get("increment") or 1, since, blocked,  # type: ignore[arg-type]
            )
        )  # fmt: skip

    def _fault(self, line: int, column: str, value: str, message: str) -> None:
        self.problem_count += 1
        if len(self.problems) < MAX_PROBLEMS:
            shown = _HIDDEN.sub("�", value)
            self.problems.append(Problem(line, column, shown[:60] + ("…" if len(shown) > 60 else ""), message))

    def _value(self, column: str, cell: str) -> object:
        text = cell.strip()
        if _HIDDEN.search(text):
            raise BadValue(_("Remove the characters that can't be seen, such as tabs and line breaks."))
        if column in ("price", "connection_fee"):
            return self._amount(text)
        if len(text) > 1 and text[0] == "'" and text[1] in "=+-@":
            text = text[1:]  # as our own files protect such a name
        elif _FORMULA.match(text):
            raise BadValue(
                _prefix_with_plus(column, text) or _("A cell can't begin with =, +, - or @: that is a formula.")
            )
        if column == "prefix":
            return _prefix(text)
        if column == "destination":
            if len(text) > 120:
                raise BadValue(_("A destination has at most 120 characters."))
            return text
        if column in ("min_seconds", "increment"):
            return _seconds(text)
        if column == "effective_from":
            return self._instant(text)
        if text.lower() in _YES:
            return True
        if text.lower() in _NO:
            return False
        raise BadValue(_("Write yes or no."))

    def _amount(self, text: str) -> object:
        if not text:
            return ""
        if found := _AMOUNT.fullmatch(text):
            mark = "," if "," in text else "." if "." in text else ""
            if mark and self.mark and mark != self.mark:
                raise BadValue(
                    _("Other prices of this file are written with “%(mark)s”. Use one decimal mark throughout.")
                    % {"mark": self.mark}
                )
            self.mark = self.mark or mark
            return Decimal(f"{found[1]}.{found[2] or 0}")
        if _SCIENTIFIC.fullmatch(text):
            raise BadValue(_("A spreadsheet has shortened this number. Write it out, such as 0.00012."))
        if re.fullmatch(r"[-\u2212]\s*[0-9.,]+", text):
            raise BadValue(_("A price can't be negative."))
        if _FORMULA.match(text):
            raise BadValue(_("A cell can't begin with =, +, - or @: that is a formula."))
        if re.fullmatch(r"[0-9]+([.,][0-9]+)?", text, re.ASCII):
            raise BadValue(_("A price has at most ten digits before and ten after the decimal mark."))
        if re.fullmatch(r"[0-9]{1,3}([ .,'\u00a0\u202f][0-9]{3})+([.,][0-9]+)?", text, re.ASCII):
            raise BadValue(_("Write the price without marks between thousands, such as 1234.56."))
        raise BadValue(_("Write the price as a number, such as 0.0125."))

    def _instant(self, text: str) -> datetime | str:
        if not text:
            return ""
        if not _DATE.fullmatch(text):
            raise BadValue(_("Write the date as 2026-12-31 or 31.12.2026."))
        try:
            at = datetime.fromisoformat(text) if "-" in text else datetime.strptime(text, "%d.%m.%Y")  # noqa: DTZ007
        except ValueError:
            raise BadValue(_("There is no such date.")) from None
        if not 2000 <= at.year <= 2100:
            raise BadValue(_("Use a date between 2000 and 2100."))
        return at if at.tzinfo else at.replace(tzinfo=self.zone)


def _prefix(text: str) -> str:
    if _PREFIX.fullmatch(text):
        if text[0] == "0":
            raise BadValue(_("No international number begins with 0. Write the prefix without leading zeros."))
        return text
    if not text:
        raise BadValue(_("The prefix is missing."))
    if _SCIENTIFIC.fullmatch(text):
        raise BadValue(_("A spreadsheet has shortened this number. Format the column as text and export it again."))
    if text.isascii() and text.isdigit():
        raise BadValue(_("A prefix has at most 15 digits."))
    if re.search(r"[0-9]\s*[-,;]\s*[0-9]", text):
        raise BadValue(_("Write one prefix per line, not a range or a list."))
    raise BadValue(_("A prefix has digits only."))


def _prefix_with_plus(column: str, text: str) -> str:
    return _("Write the prefix without the plus.") if column == "prefix" and re.fullmatch(r"\+[0-9]+", text) else ""


def _seconds(text: str) -> int:
    if not text:
        return 0
    if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
        raise BadValue(_("Write whole seconds, such as 60."))
    if int(text) > MAX_SECONDS:
        raise BadValue(_("At most a day: 86400 seconds."))
    return int(text)
