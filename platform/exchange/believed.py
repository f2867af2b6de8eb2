"""What of a node's record is believed: its lengths, but not what can't be true. And its instants as datetimes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ledger.ids import moment_of
from switch_adapters.base import CallRecord

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
# Instants between 2001 and 2100; a clock beyond has no use for finding an old call.
FIRST, LAST = 31 * 365 * 86_400 * SECOND, 130 * 365 * 86_400 * SECOND
CLOCK_OFF = 300 * SECOND
MOST_ATTEMPTS = 100


def moment(microseconds: int) -> datetime:
    """An instant of the wire as an aware datetime, to the microsecond."""
    return EPOCH + timedelta(microseconds=microseconds)


def microseconds(at: datetime) -> int:
    """An aware datetime as an instant of the wire."""
    return (at - EPOCH) // timedelta(microseconds=1)


def believed(record: CallRecord, call_id: int, max_seconds: int) -> CallRecord:
    """The record with what can't be true put right, the same way every time.

    Lengths are the node's own and stand, from nothing up to the most that was allowed. A clock that is off by more than
    minutes from when the call was decided is moved there, so that the call stands in the list at its time.
    """
    decided = microseconds(moment_of(call_id))
    off = decided - record.started_at
    shift = off if abs(off) > CLOCK_OFF else 0
    latest = decided + CLOCK_OFF + (max_seconds + 3600) * SECOND

    def placed(at: int) -> int:
        return min(max(at + shift, decided - CLOCK_OFF), latest)

    started = placed(record.started_at)
    attempts = []
    for one in record.attempts[:MOST_ATTEMPTS]:
        begun = placed(one.started_at)
        answered = None if one.answered_at is None else max(begun, placed(one.answered_at))
        if one.answered_at is None or answered is None:
            ended = max(begun, placed(one.ended_at))
        else:
            talked = min(max(0, one.ended_at - one.answered_at), max_seconds * SECOND)
            ended = answered + talked
        attempts.append(replace(
            one, started_at=begun, answered_at=answered, ended_at=ended,
            cause=one.cause if 0 <= one.cause < 1000 else 0, sip_code=one.sip_code if 0 <= one.sip_code < 1000 else 0,
        ))  # fmt: skip
    ended = max(started, placed(record.ended_at), *(one.ended_at for one in attempts))
    return replace(record, started_at=started, ended_at=ended, attempts=tuple(attempts))
