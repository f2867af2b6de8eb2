"""Amounts as Stripe counts them: whole numbers of a currency's smallest unit."""

from __future__ import annotations

from decimal import Decimal

# Stripe's lists, docs.stripe.com/currencies: without decimals, and with three of which the last must be 0.
NONE = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())
THREE = frozenset("BHD JOD KWD OMR TND".split())


def decimals(currency: str) -> int:
    return 0 if currency.upper() in NONE else 3 if currency.upper() in THREE else 2


def to_minor(amount: Decimal, currency: str) -> int:
    """Exact, never rounded: raises ValueError for what the currency can't express."""
    minor = amount.scaleb(decimals(currency))
    if minor != minor.to_integral_value():
        raise ValueError(f"{amount} {currency} can't be charged: the currency has {decimals(currency)} decimals.")
    return int(minor)


def from_minor(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-decimals(currency))
