"""Money, prices, durations and moments as people read them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from theme.amounts import money, rate
from theme.moments import duration, elapsed, minutes, moment
from theme.spark import points


def text(html: str) -> str:
    import re

    return re.sub(r"<[^>]+>", "", html.replace('<span class="money-unit">', " "))


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("1234.5", "EUR", "1,234.50 EUR"),
        ("1250000", "JPY", "1,250,000 JPY"),
        ("7.5", "KWD", "7.500 KWD"),
        ("0.005", "EUR", "0.01 EUR"),
        ("-0.005", "EUR", "\u22120.01 EUR"),
        ("-0.004", "EUR", "0.00 EUR"),
        ("-1234.5", "usd", "\u22121,234.50 usd"),
        ("123456789012345678901234567890.12", "EUR", "123,456,789,012,345,678,901,234,567,890.12 EUR"),
    ],
)
def test_money_has_the_decimals_of_its_currency(amount: str, currency: str, shown: str) -> None:
    assert text(money(Decimal(amount), currency)) == shown


def test_a_negative_amount_has_a_minus_sign_and_a_class_and_its_exact_value() -> None:
    shown = money(Decimal("-12.3456"), "EUR")
    assert 'class="money money-negative"' in shown
    assert 'value="-12.3456"' in shown
    assert ">\u221212.35<" in shown


def test_what_rounds_to_zero_is_not_shown_as_negative() -> None:
    assert "money-negative" not in money(Decimal("-0.001"), "EUR")


def test_places_plus_and_unit_can_be_chosen() -> None:
    assert text(money(Decimal("0.0126"), "EUR", places=4)) == "0.0126 EUR"
    assert text(money(Decimal("5"), "EUR", plus=True)) == "+5.00 EUR"
    assert text(money(Decimal("5"), "EUR", unit=False)) == "5.00"


def test_money_follows_the_language() -> None:
    with translation.override("de"):
        assert text(money(Decimal("1234.5"), "EUR")) == "1.234,50 EUR"


@pytest.mark.parametrize("amount", [1.5, "1.50", True])
def test_money_from_a_float_or_a_text_is_refused(amount: object) -> None:
    with pytest.raises(TypeError, match="Decimal"):
        money(amount, "EUR")


@pytest.mark.parametrize("amount", ["NaN", "Infinity"])
def test_money_that_is_no_number_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        money(Decimal(amount), "EUR")


def test_a_currency_code_is_escaped() -> None:
    assert "<b>" not in money(Decimal(1), "<b>")


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("0.0125", "0.0125 EUR"), ("0.01250", "0.0125 EUR"), ("1", "1.00 EUR"), ("0.00000000005", "0.0000000001 EUR")],
)
def test_a_rate_shows_all_its_digits_and_no_more(amount: str, shown: str) -> None:
    assert text(rate(Decimal(amount), "EUR")) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0:00:00"), (59, "0:00:59"), (3662, "1:01:02"), (90061, "25:01:01"), (Decimal("59.9"), "0:00:59")],
)
def test_a_duration_is_hours_minutes_and_seconds(seconds: int, shown: str) -> None:
    assert text(duration(seconds)) == shown


def test_a_negative_duration_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        duration(-1)


def test_nothing_is_shown_as_a_dash() -> None:
    for nothing in (money(None, "EUR"), rate(None, "EUR"), duration(None), minutes(None), moment(None)):
        assert text(nothing) == "–"


def test_minutes_have_one_decimal() -> None:
    assert minutes(123456) == "2,057.6"
    assert minutes(20) == "0.3"


def test_elapsed_counts_from_the_servers_clock() -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert 'data-elapsed="754">0:12:34<' in elapsed(now - timedelta(seconds=754), now)
    assert 'data-elapsed="0"' in elapsed(now + timedelta(seconds=3), now)


def test_a_moment_is_shown_in_the_viewers_zone_and_says_it_in_utc() -> None:
    at = datetime(2026, 7, 1, 22, 30, 5, tzinfo=UTC)
    with timezone.override("Europe/Vilnius"), translation.override("en"):
        shown = moment(at, "seconds")
    assert 'datetime="2026-07-01T22:30:05Z"' in shown
    assert text(shown) == "2 Jul 2026, 01:30:05"
    assert "EEST" in shown


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    with timezone.override("Europe/Berlin"):
        first, second = (moment(datetime(2026, 10, 25, hour, 30, tzinfo=UTC)) for hour in (0, 1))
    assert text(first) == text(second)
    assert "CEST" in first
    assert "CET" in second


def test_a_plain_date_has_no_zone() -> None:
    assert text(moment(date(2026, 7, 1))) == "1 Jul 2026"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        moment(datetime(2026, 7, 1))  # noqa: DTZ001


def test_a_line_drawing_spans_its_box() -> None:
    assert points([0, 5, 10]) == "0.0,30.0 50.0,15.0 100.0,0.0"
    assert points([4, 4]) == "0.0,0.0 100.0,0.0"
    assert points([0, 0]) == "0.0,30.0 100.0,30.0"
    assert points([7]) == ""
