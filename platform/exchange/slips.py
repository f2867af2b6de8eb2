"""What goes through the till: admissions, extensions, finished calls, and what it answers. Plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Name:
    """What a node calls a call."""

    node: int
    boot: str
    uuid: str


@dataclass(frozen=True, slots=True)
class Admission:
    """A call to admit. `holds` is what every account must hold (call limits too, 1 each); `expires_at` when they lapse.

    `labels` is what each level may see on its screen, by operator id as text; `chain` what settling will need;
    `answer` what the node is told and would be told again. All three JSON-ready.
    """

    call_id: int
    name: Name
    operator_id: int
    labels: Mapping[str, Any]
    chain: Any
    answer: Any
    granted_seconds: int
    expires_at: datetime
    holds: Mapping[int, Decimal]


@dataclass(frozen=True, slots=True)
class Admitted:
    """`status`: held | short | repeated | finished.

    short: `short_account` is the first without cover and `free` what each account had (None: no limit).
    repeated: the call was admitted before, as `call_id`, with `answer`. finished: that name's call is over already.
    """

    status: str
    call_id: int
    answer: Any = None
    short_account: int | None = None
    free: Mapping[int, Decimal | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Extension:
    """Grant `granted_seconds` in total; `holds` is what every money account must then hold for the call in total."""

    call_id: int
    granted_seconds: int
    expires_at: datetime
    holds: Mapping[int, Decimal]


@dataclass(frozen=True, slots=True)
class Extended:
    """`status`: granted | kept (had that much before) | short | strange (an account holds nothing for it) | gone.

    `granted_seconds` is what is granted now (None: gone). short: `free` is what each account could hold in total.
    """

    status: str
    granted_seconds: int | None
    free: Mapping[int, Decimal | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finished:
    """A call that is over. `rows` are columns of calls_call, level 0 first; see `call_row`, `attempt_row`, `transfer`.

    `fingerprint` is that of the record it is settled by. `name` only for a call that was never admitted (refused).
    With `correct` another record than the one settled by posts the difference; else it is reported as `differs`.
    """

    call_id: int
    fingerprint: int
    rows: Sequence[Mapping[str, Any]]
    attempts: Sequence[Mapping[str, Any]] = ()
    transfers: Sequence[Mapping[str, Any]] = ()
    name: Name | None = None
    correct: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """`state`: live | estimated | settled | unknown. Labels and chain while live or estimated, answer while live."""

    state: str
    call_id: int | None
    operator_id: int | None
    labels: Any
    chain: Any
    answer: Any
    granted_seconds: int | None
    answered_at: datetime | None
    deadline_at: datetime | None
    fingerprints: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    call_id: int
    state: str
    answered_at: datetime | None


def call_row(call_id: int, operator_id: int, level: int, **columns: Any) -> dict[str, Any]:
    """A row of calls_call with what is not said filled in. started_at and ended_at must be said."""
    return {**CALL_DEFAULTS, "id": call_id, "operator_id": operator_id, "level": level, **columns}


def attempt_row(call_id: int, index: int, operator_id: int, provider_id: int, **columns: Any) -> dict[str, Any]:
    """A row of calls_attempt. started_at and ended_at must be said."""
    return {
        **ATTEMPT_DEFAULTS,
        "id": call_id,
        "index": index,
        "operator_id": operator_id,
        "provider_id": provider_id,
        **columns,
    }


def transfer(call_id: int, part: int, debit: int, credit: int, amount: Decimal, kind: str = "call") -> dict[str, Any]:
    """A transfer of a call. Parts count from 0 and stay below 64; `kind` is one word of ours."""
    return {
        "source": call_id,
        "part": part,
        "kind": kind,
        "debit": debit,
        "credit": credit,
        "amount": amount,
    }


CALL_DEFAULTS: dict[str, Any] = {
    "revision": 0,
    "uuid": "",
    "node": None,
    "customer_id": None,
    "customer_label": "",
    "device_id": None,
    "device_label": "",
    "provider_id": None,
    "provider_label": "",
    "caller": "",
    "called": "",
    "prefix": "",
    "destination": "",
    "route_index": None,
    "answered_at": None,
    "talk_seconds": 0,
    "billed_seconds": 0,
    "buy_seconds": 0,
    "sell": 0,
    "sell_currency": "",
    "sell_base": 0,
    "buy": 0,
    "buy_currency": "",
    "buy_base": 0,
    "base_currency": "",
    "bought_from": "",
    "tariff_id": None,
    "rate": None,
    "fx": None,
    "cause": 0,
    "ended_by": "",
    "estimated": False,
    "fingerprint": None,
    "created_at": "now",
}
ATTEMPT_DEFAULTS: dict[str, Any] = {
    "revision": 0,
    "provider_label": "",
    "number": "",
    "answered_at": None,
    "talk_seconds": 0,
    "cause": 0,
    "sip_code": 0,
}
