"""Telephone numbers: what may be dialled, what E.164 is, and one clear sentence for what is neither."""

from __future__ import annotations

import re

MAX_DIALLED = 64

_DIALLED = re.compile(r"[0-9+*#]+", re.ASCII)
_E164 = re.compile(r"[1-9][0-9]{6,14}", re.ASCII)
_CALLER_ID = re.compile(r"[0-9+*#]{1,40}", re.ASCII)


def dialled_problem(number: str) -> str:
    """Why a number can't be taken as dialled, before any rule has seen it; empty when it can.

    Nothing is stripped first: rules cut `+` themselves (features.md 2.5). A leading `#` is refused whatever rule would
    cut it (rating-routing.md 2, step 8).
    """
    if not number:
        return "No number was dialled."
    if len(number) > MAX_DIALLED:
        return f"A dialled number has at most {MAX_DIALLED} characters."
    if not _DIALLED.fullmatch(number):
        return "A dialled number may hold only the digits 0-9 and the signs +, * and #."
    if number[0] == "#":
        return "A dialled number can't begin with #."
    return ""


def e164_problem(number: str) -> str:
    """Why a localized number is not E.164 without its plus; empty when it is (features.md 2.5)."""
    if _E164.fullmatch(number):
        return ""
    if not number:
        return "The number rules left nothing of the number."
    if number[0] == "0":
        return "The number still begins with 0 after the number rules: no rule turns it into an international number."
    if not (number.isascii() and number.isdigit()):
        return "After the number rules the number may hold digits only."
    if len(number) < 7:
        return "The number is too short: an international number has 7 to 15 digits."
    return "The number is too long: an international number has 7 to 15 digits."


def is_e164(number: str) -> bool:
    """Whether this is an E.164 number in digits, without the plus."""
    return _E164.fullmatch(number) is not None


def caller_id(presented: str) -> str:
    """The caller id as far as it is a number; empty for names, SIP addresses and anything else."""
    return presented if _CALLER_ID.fullmatch(presented) else ""
