"""The calls of this node as the spool shows them: what happened, what may be talked, what is finished."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from switch_adapters.agent.spool import finished, read_on
from switch_adapters.agent.store import Admitted, Store
from switch_adapters.asterisk.cel import CelCall, CelLine, call_from_json, call_to_json, read_line
from switch_adapters.base import CallRecord, Event, EventKind


@dataclass(slots=True)
class Step:
    """What one step along the spool brought."""

    events: list[Event] = field(default_factory=list)
    answered: list[CelCall] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    caught_up: bool = False


class Calls:
    def __init__(self, store: Store, spool: Path) -> None:
        self._store = store
        self._spool = spool
        self._position = store.position()
        self.open = {linked: call_from_json(body) for linked, body in store.open_calls().items()}
        self.admitted: dict[str, Admitted] = store.admitted()
        self.unread_lines = 0

    def admit(self, call: Admitted) -> None:
        """Remember, before the dialplan is answered, what the exchange granted."""
        self._store.admit(call)
        self.admitted[call.uuid] = call

    def by_uuid(self) -> dict[str, CelCall]:
        return {call.uuid: call for call in self.open.values() if call.uuid}

    def step(self) -> Step:
        """Read on; position, open calls and finished records are kept together before anything is told."""
        lines, position = read_on(self._spool, self._position)
        step = Step(caught_up=not lines)
        if position == self._position:
            return step
        changed: dict[str, str] = {}
        closed: list[str] = []
        records: list[CallRecord] = []
        touched: dict[str, None] = {}
        for text in lines:
            line = read_line(text)
            if line is None:
                self.unread_lines += bool(text.strip())
                continue
            self._take(line, step)
            touched[line.linked] = None
        for linked in touched:
            call = self.open[linked]
            if not call.closed:
                changed[linked] = call_to_json(call)
                continue
            closed.append(linked)
            record = self._record(call)
            if record is not None:
                records.append(record)
            if call.uuid:
                step.ended.append(call.uuid)
        self._store.absorb(position, changed, closed, records, step.ended)
        self._position = position
        for linked in closed:
            del self.open[linked]
        for uuid in step.ended:
            self.admitted.pop(uuid, None)
        for file in finished(self._spool, position):
            file.unlink(missing_ok=True)
        return step

    def _take(self, line: CelLine, step: Step) -> None:
        call = self.open.get(line.linked)
        if call is None:
            call = self.open[line.linked] = CelCall(line.linked, line.at)
        answered, tries = call.answered_at, len(call.tries)
        call.take(line)
        if not call.boot and call.uuid in self.admitted:
            call.boot = self.admitted[call.uuid].boot  # it ended before the dialplan could mark it
        if not call.uuid or not call.boot or self._emergency(call.uuid):
            return
        if len(call.tries) > tries:
            step.events.append(Event(call.boot, call.uuid, EventKind.RING, line.at, call.tries[-1].index))
        if answered is None and call.answered_at is not None:
            step.answered.append(call)
            step.events.append(Event(call.boot, call.uuid, EventKind.ANSWER, line.at, answered_index(call)))
        if call.closed:
            step.events.append(
                Event(call.boot, call.uuid, EventKind.END, call.ended_at or line.at, answered_index(call))
            )

    def _record(self, call: CelCall) -> CallRecord | None:
        """None for a call that the exchange never admitted, and for an emergency call, which it does not know."""
        return call.record() if call.uuid and call.boot and not self._emergency(call.uuid) else None

    def _emergency(self, uuid: str) -> bool:
        return uuid in self.admitted and self.admitted[uuid].emergency

    def drop_lost(self, boot: str, live: dict[str, str], before: int) -> list[CelCall]:
        """Forget calls of an earlier life of the media server; to be called with the spool read to its end.

        No record is made for them: a record bills, and the spool proves no end. The exchange, which knows the last
        Reconcile and the deadline, closes them by estimate. What the spool does prove, an answer, is told by the
        caller as an event.
        """
        lost = [
            call
            for call in self.open.values()
            if call.uuid not in live and call.boot != boot and call.started_at < before
        ]
        gone = [uuid for uuid, one in self.admitted.items() if one.boot != boot and uuid not in live]
        self._store.absorb(self._position, {}, [call.linked for call in lost], [], [])
        self._store.forget(gone)
        for call in lost:
            del self.open[call.linked]
        for uuid in gone:
            del self.admitted[uuid]
        return [call for call in lost if call.uuid and call.boot]


def answered_index(call: CelCall) -> int:
    """The route that answered; 0 while none has."""
    return next((leg.index for leg in call.legs.values() if leg.answered_at is not None), 0)
