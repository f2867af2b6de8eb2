"""Money and prices as people read them: the currency's own decimals, a true minus sign, figures in columns."""

from decimal import ROUND_HALF_UP, Context, Decimal

from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

# ISO 4217, column "minor unit", where it is not 2.
MINOR_UNITS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    "CLF": 4,
    "UYW": 4,
}
_WIDE = Context(prec=60)
NOTHING = mark_safe('<span class="faint">–</span>')  # noqa: S308 - a constant


def minor_units(currency: str) -> int:
    """Decimals of a currency by its ISO 4217 code; 2 for a code not listed."""
    return MINOR_UNITS.get(currency.upper(), 2)


def _checked(amount: object) -> Decimal:
    if isinstance(amount, bool) or not isinstance(amount, Decimal | int):
        raise TypeError("Money is shown from a Decimal, never from a float or a text.")
    amount = Decimal(amount)
    if not amount.is_finite():
        raise ValueError("An amount that is not a number cannot be shown.")
    return amount


def amount_text(amount: Decimal, places: int, plus: bool = False) -> str:
    """`amount` rounded half up to `places`, grouped in the active language, with a true minus sign (U+2212)."""
    rounded = amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, context=_WIDE)
    sign = "\u2212" if rounded < 0 else "+" if plus and rounded > 0 else ""
    return sign + number_format(rounded.copy_abs(), decimal_pos=places, force_grouping=True)


def _element(amount: Decimal, text: str, unit: str) -> SafeString:
    return format_html(
        '<data class="{}" value="{}">{}{}</data>',
        "money money-negative" if text.startswith("\u2212") else "money", f"{amount:f}", text,
        format_html('<span class="money-unit">{}</span>', unit) if unit else "",
    )  # fmt: skip


def money(
    amount: Decimal | None, currency: str, *, places: int | None = None, plus: bool = False, unit: bool = True
) -> SafeString:
    """`1,234.50 EUR`. `places` overrides the currency's decimals; `plus` writes + before a credit; None shows a dash.

    `unit=False` leaves the code out, for a column whose head names the currency.

    Raises TypeError for a float and ValueError for NaN or infinity.
    """
    if amount is None:
        return NOTHING
    amount = _checked(amount)
    text = amount_text(amount, minor_units(currency) if places is None else places, plus)
    return _element(amount, text, currency if unit else "")


def rate(amount: Decimal | None, currency: str, *, unit: bool = True) -> SafeString:
    """A price per minute with all its digits up to ten decimals, and at least the currency's own: `0.0125 EUR`."""
    if amount is None:
        return NOTHING
    amount = _checked(amount)
    ten = amount.quantize(Decimal(1).scaleb(-10), ROUND_HALF_UP, context=_WIDE)
    significant = len(f"{ten:f}".partition(".")[2].rstrip("0"))
    text = amount_text(amount, max(significant, minor_units(currency)))
    return _element(amount, text, currency if unit else "")
