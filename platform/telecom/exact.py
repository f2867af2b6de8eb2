"""Decimal arithmetic that never rounds by itself."""

from __future__ import annotations

from decimal import Clamped, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow, Subnormal

ZERO = Decimal(0)
ONE = Decimal(1)

# Wide enough for any price times any exchange rate times a day of talk; what would not fit raises instead of rounding.
EXACT = Context(prec=120, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow, Clamped, Subnormal])
