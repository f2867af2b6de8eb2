"""A small line drawing of a series, as SVG points: the numbers beside it stay the truth."""

from collections.abc import Sequence
from decimal import Decimal

WIDTH, HEIGHT = 100, 30


def points(values: Sequence[int | Decimal]) -> str:
    """`0.0,30.0 50.0,0.0 …` in a box of 100 by 30, the smallest value (or zero) at the bottom. Needs two values."""
    if len(values) < 2:
        return ""
    low = min(0, *values)
    span = max(values) - low or 1
    step = WIDTH / (len(values) - 1)
    return " ".join(
        f"{index * step:.1f},{HEIGHT - float((value - low) * HEIGHT / span):.1f}" for index, value in enumerate(values)
    )
