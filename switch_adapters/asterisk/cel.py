"""Reading Asterisk's channel events (CEL), and what a call's events together prove."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any

from switch_adapters.base import Attempt, CallRecord


@dataclass(frozen=True, slots=True)
class CelLine:
    """One event. `at` is microseconds since 1970 UTC, `extra` the event's own JSON."""

    kind: str
    at: int
    channel: str
    account: str
    unique: str
    linked: str
    user_type: str
    extra: dict[str, Any]


@dataclass(slots=True)
class Leg:
    """A channel to a provider."""

    index: int
    started_at: int
    answered_at: int | None = None
    ended_at: int | None = None
    cause: int = 0


@dataclass(slots=True)
class Try:
    """One Dial, with or without a channel made for it."""

    index: int
    started_at: int
    ended_at: int | None = None
    cause: int = 0
    sip_code: int = 0


@dataclass(slots=True)
class CelCall:
    """All that was seen of one call so far; JSON-ready, so that it survives the agent.

    `uuid` is empty until the dialplan named the call, `boot` until the exchange admitted it.
    """

    linked: str
    started_at: int
    channel: str = ""
    uuid: str = ""
    boot: str = ""
    ended_at: int | None = None
    source: str = ""
    closed: bool = False
    tries: list[Try] = field(default_factory=list)
    legs: dict[str, Leg] = field(default_factory=dict)

    @property
    def answered_at(self) -> int | None:
        return next((leg.answered_at for leg in self.legs.values() if leg.answered_at is not None), None)

    def take(self, line: CelLine) -> None:
        """Add one event. The same event twice, or one of another call's kind, changes nothing."""
        if line.account:
            self.uuid = self.uuid or line.account
        own = line.unique == self.linked
        match line.kind:
            case "CHAN_START" if own:
                self.channel, self.started_at = line.channel, line.at
            case "CHAN_START":
                index = self.tries[-1].index if self.tries else 0
                self.legs.setdefault(line.unique, Leg(index, line.at))
            case "ANSWER" if not own and line.unique in self.legs:
                leg = self.legs[line.unique]
                leg.answered_at = leg.answered_at or line.at
            case "HANGUP" if own:
                self.ended_at = self.ended_at or line.at
                self.source = str(line.extra.get("hangupsource", ""))
            case "HANGUP" if line.unique in self.legs:
                leg = self.legs[line.unique]
                leg.ended_at = leg.ended_at or line.at
                leg.cause = _int(line.extra.get("hangupcause"))
            case "LINKEDID_END":
                self.ended_at = self.ended_at or line.at
                self.closed = True
            case "USER_DEFINED":
                self._take_mark(line)

    def _take_mark(self, line: CelLine) -> None:
        """The marks that the dialplan leaves: ADMIT boot, TRY index, DONE index/status/cause/sip."""
        text = str(line.extra.get("extra", ""))
        if line.user_type == "ADMIT":
            self.boot = text
        elif line.user_type == "TRY" and text.isdigit():
            if all(one.index != int(text) for one in self.tries):
                self.tries.append(Try(int(text), line.at))
        elif line.user_type == "DONE":
            index, _status, cause, sip = [*text.split("/"), "", "", ""][:4]
            for one in self.tries:
                if str(one.index) == index:
                    one.ended_at, one.cause, one.sip_code = line.at, _int(cause), _int(sip)

    def record(self) -> CallRecord:
        """The finished call. Talk is the provider's leg from its answer to its end, never the caller's."""
        assert self.ended_at is not None
        attempts = []
        for one in self.tries:
            leg = next((leg for leg in self.legs.values() if leg.index == one.index), None)
            ended = one.ended_at or self.ended_at
            if leg is not None and leg.ended_at is not None:
                # Talk ends with the leg; a refused try ends when Dial says so, for its leg may linger a moment.
                ended = leg.ended_at if leg.answered_at is not None else min(leg.ended_at, ended)
            attempts.append(
                Attempt(
                    route_index=one.index,
                    started_at=one.started_at,
                    ended_at=ended,
                    answered_at=leg.answered_at if leg else None,
                    cause=one.cause or (leg.cause if leg else 0),
                    sip_code=200 if leg and leg.answered_at is not None else one.sip_code,
                )
            )
        return CallRecord(self.boot, self.uuid, self.started_at, self.ended_at, tuple(attempts), self._ended_by())

    def _ended_by(self) -> str:
        if self.source and self.source == self.channel:
            return "caller"
        if self.source and not self.source.startswith("dialplan"):
            return "provider"
        return "node" if self.answered_at is not None else ""


def read_line(text: str) -> CelLine | None:
    """One line of the spool; None for anything that is not an event.

    After a crash a torn line can stand in front of a whole one on the same line: the whole one is still found.
    """
    found = _json(text)
    at = 0
    while found is None and (at := text.find('{"', at + 1)) > 0:
        found = _json(text[at:])
    if found is None:
        return None
    values = {key.lower().replace("_", ""): value for key, value in found.items()}
    kind, when = str(values.get("eventtype", "")), _microseconds(values.get("eventtime"))
    linked = str(values.get("linkedid", ""))
    if not kind or when is None or not linked:
        return None
    extra = values.get("eventextra") or {}
    if isinstance(extra, str):
        extra = _json(extra) or {"extra": extra}
    return CelLine(
        kind="USER_DEFINED" if values.get("userdeftype") else kind,  # a mark's own name stands where the type does
        at=when,
        channel=str(values.get("channame", "")),
        account=str(values.get("accountcode", "")),
        unique=str(values.get("uniqueid", "")),
        linked=linked,
        user_type=str(values.get("userdeftype", "")),
        extra=extra if isinstance(extra, dict) else {},
    )


def call_to_json(call: CelCall) -> str:
    return json.dumps(dataclasses.asdict(call), separators=(",", ":"))


def call_from_json(text: str) -> CelCall:
    data = json.loads(text)
    data["tries"] = [Try(**one) for one in data["tries"]]
    data["legs"] = {unique: Leg(**one) for unique, one in data["legs"].items()}
    return CelCall(**data)


def _json(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _int(value: object) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _microseconds(value: object) -> int | None:
    """1763873421.123456 as text or number, without passing through a float where it is a text."""
    whole, _, fraction = (
        value if isinstance(value, str) else f"{value:.6f}" if isinstance(value, float) else ""
    ).partition(".")
    if not whole.isdigit() or (fraction and not fraction.isdigit()):
        return None
    return int(whole) * 1_000_000 + int((fraction + "000000")[:6])
