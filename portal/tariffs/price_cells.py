"""One cell of a price list: what it says, or what is wrong with it and what to do."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from decimal import Decimal

from django.utils.translation import gettext as _

from portal.tariffs.models import MAX_SECONDS

_FORMULA = re.compile(r"\s*[=+@-]")
HIDDEN = re.compile("[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_PREFIX = re.compile(r"[0-9]{1,15}", re.ASCII)
_AMOUNT = re.compile(r"([0-9]{1,10})(?:[.,]([0-9]{1,10})0*)?", re.ASCII)
_SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]+", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T].+)?|[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}", re.ASCII)
_YES = frozenset({"1", "yes", "true", "y", "x", "blocked"})
_NO = frozenset({"", "0", "no", "false", "n", "open"})


class BadValue(ValueError):
    """One cell is wrong; the text is one sentence that says what to do."""


class Cells:
    """The cells of one file, which has one decimal mark. Times without an offset are in `zone`."""

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        self.mark = ""

    def value(self, column: str, cell: str) -> object:
        """What a cell of `column` says; "" where it says nothing. Raises BadValue."""
        text = cell.strip()
        if HIDDEN.search(text):
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
