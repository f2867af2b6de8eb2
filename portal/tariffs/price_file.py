"""A price list as a file: its encoding, its separator, and what its columns mean."""

from __future__ import annotations

import codecs
import csv
import io
import re

from django.utils.translation import gettext as _

MAX_BYTES = 32 * 1024 * 1024

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


class BadFile(ValueError):
    """The file as a whole can't be read; the text is one sentence."""


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


def header(text: str) -> tuple[str, list[str], list[str]]:
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
