"""Time-ordered 63-bit ids of calls and of every other deed that moves money.

(milliseconds since 2025-01-01 UTC) << 22 | minter (10 bits) << 12 | sequence (12 bits). Tables are partitioned by month
on them, so the id of a deed says which partition it lies in. No two processes may mint under one number at a time.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
MINTERS = 1 << 10
SEQUENCES = 1 << 12
_EPOCH_MS = int(EPOCH.timestamp() * 1000)


class Minter:
    """Mints ids under one number, ascending even when the clock steps back."""

    def __init__(self, number: int) -> None:
        if not 0 <= number < MINTERS:
            raise ValueError(f"A minter's number lies between 0 and {MINTERS - 1}, not {number}.")
        self._low = number << 12
        self._ms = 0
        self._sequence = 0

    def mint(self, now_ms: int | None = None) -> int:
        """The next id; `now_ms` is milliseconds since 1970 UTC, else the clock is read."""
        ms = (time.time_ns() // 1_000_000 if now_ms is None else now_ms) - _EPOCH_MS
        if ms > self._ms:
            self._ms, self._sequence = ms, 0
        else:
            self._sequence += 1
            if self._sequence == SEQUENCES:
                # More than 4,095 in a millisecond, or a clock set back for long: borrow from the future.
                self._ms, self._sequence = self._ms + 1, 0
        return self._ms << 22 | self._low | self._sequence


def id_at(moment: datetime) -> int:
    """The smallest id of a moment: ids minted from then on are not below it."""
    return (moment - EPOCH) // timedelta(milliseconds=1) << 22


def moment_of(id: int) -> datetime:
    """When an id was minted, to the millisecond."""
    return EPOCH + timedelta(milliseconds=id >> 22)


def month_bounds(moment: datetime) -> tuple[int, int]:
    """The ids of the partition `moment` lies in: from, and up to but without."""
    first = datetime(moment.year, moment.month, 1, tzinfo=UTC)
    return id_at(first), id_at((first + timedelta(days=32)).replace(day=1))
