"""Hang-up causes: MOR's 200s and M4's 300s with their text, and what they are in Q.850 and SIP.

Source: rating-routing.md section 17. What that page does not give or cuts off (238-240, 243-245, 248, 255-275, 281,
286 on) is absent here too.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Cause:
    """`number` is what calls and pages show, `q850` and `sip` are what the caller's phone gets."""

    number: int
    text: str
    q850: int
    sip: int


UNKNOWN_CALLER = 200
BLOCKED = 201
OPERATOR_BLOCKED = 202
NO_RATE = 203
NO_PROVIDER = 204
UNCLEAR_DESTINATION = 207
NO_MORE_CALLS = 208
UNDER_A_SECOND = 210
LOW_BALANCE = 211
MONEY_HELD = 212
OPERATOR_LOW_BALANCE = 215
OPERATOR_MONEY_HELD = 216
OPERATOR_LOSS = 218
CUSTOMER_CALLS = 220
DEVICE_CALLS = 221
OPERATOR_CALLS = 222
PROVIDER_CALLS = 223
LOSS = 224
BANNED_CALLER_ID = 225
PERCENT_LIMIT = 235
OPERATOR_NO_RATE = 242
DUPLICATE = 246
BLACKLISTED = 279
NOT_WHITELISTED = 280
PROVIDER_LIST = 282
REFUSED_CALLER_ID = 305
NO_DIAL_PEER = 308
CALLER_ID_NOT_ALLOWED = 321
CALLER_ID_DENIED = 322
MARGIN = 324
NOT_ALLOWED = 326
BLOCKED_RATE = 330
BLOCKED_COST = 331
BAD_NUMBER = 336
TEMPORARY_FAILURE = 41

_TEXTS = {
    18: "No user responding",
    20: "Subscriber absent",
    34: "No circuit available",
    41: "Temporary failure",
    58: "Bearer capability not available",
    102: "Timer expired",
    200: "Can't determine who calls",
    201: "The caller is blocked",
    202: "The reseller is blocked",
    203: "No price for this number",
    204: "No suitable provider",
    205: "Licence",
    206: "Bad server",
    207: "Not clear who receives the call",
    208: "No more calls possible",
    209: "Test time exceeded",
    210: "The balance buys less than a second",
    211: "Low balance, or the daily limit is reached",
    212: "The balance is taken by running calls",
    213: "Low balance of the number's owner",
    214: "The balance of the number's owner is taken by running calls",
    215: "Low balance of the reseller",
    216: "The reseller's balance is taken by running calls",
    217: "Callback: no device for this caller id",
    218: "The reseller doesn't allow calls at a loss",
    219: "Call limit of the number reached",
    220: "Call limit of the customer reached",
    221: "Call limit of the device reached",
    222: "Call limit of the reseller reached",
    223: "Call limit of the provider reached",
    224: "The provider is dearer than the customer's price",
    225: "Caller id is banned",
    226: "The number is free",
    227: "Card PIN missing",
    228: "Card destination missing",
    229: "The number is reserved",
    230: "No code returned",
    231: "Provider unreachable",
    232: "Callback number not available",
    233: "Add-on missing",
    234: "Internal loop",
    235: "The provider is dearer than the first by more than the limit",
    236: "Callback too early",
    237: "The number's owner is blocked",
    241: "Cancelled by the caller",
    242: "No price for the reseller",
    246: "Duplicate call",
    247: "Unreachable provider skipped",
    249: "Call limit of the partner reached",
    250: "The partner is blocked",
    251: "Low balance of the partner",
    252: "The partner's balance is taken by running calls",
    253: "The partner doesn't allow calls at a loss",
    254: "No price for the partner",
    276: "No price for the number's provider",
    277: "Caller id is on the global blacklist",
    278: "Caller id is not on the global whitelist",
    279: "Destination is on the global blacklist",
    280: "Destination is not on the global whitelist",
    282: "Provider skipped: destination is not on its whitelist",
    283: "Caller id is on the number's blacklist",
    284: "The number is closed",
    285: "The provider's monthly call time is used up",
    300: "Not authenticated",
    301: "Originator not found by IP address",
    302: "Global call limit reached",
    303: "Originator's capacity reached",
    304: "Originator's calls per second reached",
    305: "Caller id refused by the originator's rule",
    306: "Originator's minimum balance reached",
    307: "No price for this number",
    308: "No dial peer for this number",
    309: "Originator is not active",
    310: "No suitable terminator",
    311: "The user is blocked",
    312: "Cancelled by the caller",
    313: "Call limit of the user reached",
    314: "Accounting start timed out",
    315: "Accounting stop timed out",
    316: "Terminator's details are missing",
    317: "Terminator's registration failed",
    318: "No common codec",
    319: "The system can't take more calls",
    320: "Balance too low",
    321: "Caller id not allowed by the terminator's rule",
    322: "Caller id denied by the terminator's rule",
    323: "Terminator's maximum balance reached",
    324: "The margin is too small",
    325: "Destination is on the blacklist",
    326: "Destination is not on the whitelist",
    327: "Terminator's capacity reached",
    328: "Call limit of the terminator's user reached",
    329: "Terminator's calls per second reached",
    330: "The destination is blocked in the price list",
    331: "The destination is blocked in the provider's price list",
    332: "Tech prefix doesn't match",
    333: "Port doesn't match",
    334: "Caller id is on the blacklist",
    335: "Caller id is not on the whitelist",
    336: "No number, or one that can't be called",
    337: "Wrong server",
    338: "Terminator unreachable",
    339: "The caller's own terminator",
    340: "The user's price is higher than allowed",
    341: "Global limit of calls per second reached",
}

_NO_CIRCUIT = {208, *range(210, 217), *range(219, 224)}  # MOR: 34 -> 503
_UNALLOCATED = {226, 229}  # MOR: 1 -> 404
_STANDARD_SIP = {18: 480, 20: 480, 34: 503, 41: 503, 58: 488, 102: 504}  # RFC 3398 8.2.6.1; 41 as congestion
_CANCELLED = {241, 312}  # RFC 3261 15.1.2: 487


def _cause(number: int, text: str) -> Cause:
    if number in _STANDARD_SIP:
        return Cause(number, text, number, _STANDARD_SIP[number])
    if number in _CANCELLED:
        return Cause(number, text, 16, 487)
    if number >= 300 or number in _NO_CIRCUIT:
        return Cause(number, text, 34, 503)
    if number in _UNALLOCATED:
        return Cause(number, text, 1, 404)
    if number == 233:
        return Cause(number, text, 66, 500)
    return Cause(number, text, 21, 403)


CAUSES = {number: _cause(number, text) for number, text in _TEXTS.items()}


def cause(number: int) -> Cause:
    """The cause of this number; one that is not in the table gets MOR's default, Q.850 21 and SIP 403."""
    return CAUSES.get(number) or Cause(number, "Unknown cause", 21, 403)


def short_of_money(depth: int, balance: Decimal, available: Decimal) -> int:
    """Why an account could not pay the first slice (rating-routing.md 8.3).

    `depth` 0 is the caller's customer, more is an operator of the chain. `balance` is posted minus the floor, without
    what is held; `available` is what holds leave of it.
    """
    if balance <= 0:
        return OPERATOR_LOW_BALANCE if depth else LOW_BALANCE
    if available < balance:
        return OPERATOR_MONEY_HELD if depth else MONEY_HELD
    return OPERATOR_LOW_BALANCE if depth else UNDER_A_SECOND
