"""Durations and moments. Times are stored in UTC and shown in the viewer's zone, the one Django has activated."""

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from theme.amounts import NOTHING

FORMATS = {"medium": "j M Y, H:i", "seconds": "j M Y, H:i:s", "date": "j M Y", "time": "H:i:s"}


def hours_minutes_seconds(seconds: int) -> str:
    """`3662` as `1:01:02`; more than a day goes on counting hours. Raises ValueError below zero."""
    if seconds < 0:
        raise ValueError("A duration is not negative.")
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}"


def duration(seconds: int | Decimal | None) -> SafeString:
    """Seconds as h:mm:ss in a <time>; fractions are cut, None shows a dash."""
    if seconds is None:
        return NOTHING
    whole = int(seconds)
    return format_html('<time datetime="PT{}S">{}</time>', whole, hours_minutes_seconds(whole))


def elapsed(since: datetime, now: datetime) -> SafeString:
    """The time since `since`, counting on in the browser from the server's own clock."""
    seconds = max(int((now - since).total_seconds()), 0)
    return format_html(
        '<time datetime="PT{}S" data-elapsed="{}">{}</time>', seconds, seconds, hours_minutes_seconds(seconds)
    )


def minutes(seconds: int | Decimal | None) -> str:
    """Seconds as minutes with one decimal, grouped: `1,234.5`."""
    if seconds is None:
        return NOTHING
    tenths = (Decimal(seconds) / 60).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return number_format(tenths, decimal_pos=1, force_grouping=True)


def moment(value: datetime | date | None, style: str = "medium") -> SafeString:
    """A moment in the viewer's zone, or a plain date, in a <time> that carries the exact UTC value.

    `style` is medium, seconds, date or time. Raises ValueError for a time without a zone.
    """
    if value is None:
        return NOTHING
    if not isinstance(value, datetime):
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), date_format(value, FORMATS["date"]))
    if timezone.is_naive(value):
        raise ValueError("A time without a zone cannot be shown.")
    local = timezone.localtime(value)
    exact = value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return format_html(
        '<time class="nowrap" datetime="{}" title="{}">{}</time>',
        exact, f"{local:%Y-%m-%d %H:%M:%S} {local.tzname()}",
        date_format(local, FORMATS[style]),
    )  # fmt: skip
