"""What a decision is told about the world besides the books: chance, and what other calls have been doing.

All of it is optional. A trace without it shows what usually happens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from telecom.ordering import GatewayUse
from telecom.quality import Quality

Usage = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Facts:
    """`dice` draws from 0 to before 1 (random.Random().random).

    quality     by (operator, provider): the pooled rolling window of its last calls
    gateways    by (operator, provider): lines in use, calls of today
    pool_usage  by (operator, pool): how often each of its numbers was given
    scores      by (operator, "called" | "caller" | "address", what): a score of the dynamic blacklist
    recent      by (device's directory id, caller id, number as dialled): when such a call began last, microseconds
    """

    dice: Callable[[], float] | None = None
    quality: Mapping[tuple[int, int], Quality] = field(default_factory=dict)
    gateways: Mapping[tuple[int, int], GatewayUse] = field(default_factory=dict)
    pool_usage: Mapping[tuple[int, int], Usage] = field(default_factory=dict)
    scores: Mapping[tuple[int, str, str], int] = field(default_factory=dict)
    recent: Mapping[tuple[int, str, str], int] = field(default_factory=dict)


NOTHING_KNOWN = Facts()
