"""One node's life: decide, follow, extend, reconcile, deliver, provision; each in a loop that outlives any failure."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from switch_adapters.agent.calls import Calls, answered_index
from switch_adapters.agent.dialplan_answer import MARGIN, for_dialplan, refusal
from switch_adapters.agent.driver import Driver, MediaServerAway
from switch_adapters.agent.emergency import EmergencyFile
from switch_adapters.agent.spool import rotate
from switch_adapters.agent.store import Admitted, Store
from switch_adapters.asterisk.cel import CelCall
from switch_adapters.base import (
    Action,
    CallHandler,
    CommandKind,
    DecideRequest,
    Event,
    EventKind,
    ExtendRequest,
    Grant,
    LiveCall,
    ReconcileReport,
)
from switch_adapters.exchange_client import TROUBLE, ExchangeRefused

log = logging.getLogger(__name__)

DECIDE_SECONDS = 1.5
MOST_EVENTS = 5000


class NodeAgent:
    def __init__(
        self,
        node: int,
        handler: CallHandler,
        driver: Driver,
        store: Store,
        spool: Path,
        emergency: EmergencyFile,
        reconcile_seconds: float = 15.0,
        provision_seconds: float = 300.0,
        rotate_bytes: int = 64 * 1024 * 1024,
    ) -> None:
        self._node = node
        self._handler = handler
        self._driver = driver
        self._store = store
        self._spool = spool
        self._emergency = emergency
        self._reconcile_seconds = reconcile_seconds
        self._provision_seconds = provision_seconds
        self._rotate_bytes = rotate_bytes
        self._calls = Calls(store, spool)
        self._events: list[Event] = []
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._provision_now = asyncio.Event()
        self._provisioned = ""
        self._records_now = asyncio.Event()
        self._settled_boot = ""
        self._spool_read = False
        self._exchange_seen_at = 0.0
        self._commands_after = 0

    # -- what the dialplan asks ----------------------------------------------------------------------------------

    async def decide(self, asked: dict[str, str]) -> dict[str, Any]:
        """Fails closed: whatever goes wrong is a refusal, and no later than 1.5 s after the question."""
        boot = self._driver.boot
        if not boot:
            return refusal(503)  # its calls could not be followed
        answer = self._emergency.answer(asked["called"], asked["caller"])
        emergency = answer is not None
        if answer is None:
            request = DecideRequest(boot=boot, **asked)
            try:
                async with asyncio.timeout(DECIDE_SECONDS - 0.05):
                    answer = await self._handler.decide(self._node, request)
            except (TimeoutError, *TROUBLE) as problem:
                log.warning("no decision: %s", problem)
                return refusal(503)
        told = for_dialplan(answer, boot)
        if answer.action is Action.ROUTE and told["action"] == "route":
            most = answer.max_seconds or answer.granted_seconds
            self._calls.admit(Admitted(asked["uuid"], boot, answer.granted_seconds, most, False, emergency))
        return told

    def health(self) -> dict[str, Any]:
        return {
            "node": self._node,
            "boot": self._driver.boot,
            "provisioned": self._provisioned,
            "open_calls": len(self._calls.open),
            "waiting_records": self._store.waiting_count(),
            "unread_lines": self._calls.unread_lines,
            "exchange_seconds_ago": round(time.time() - self._exchange_seen_at, 1) if self._exchange_seen_at else None,
        }

    # -- loops ---------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Runs until cancelled."""
        for call in self._calls.open.values():
            if call.answered_at is not None:
                self._keep(call)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._driver.run())
            for name, step, pause in (
                ("spool", self._follow, 0.05),
                ("events", self._send_events, 0.1),
                ("records", self._deliver, 0.0),
                ("provision", self._provision, 0.0),
                ("commands", self._obey, 0.0),
                ("reconcile", self._reconcile, 0.0),
            ):
                group.create_task(self._for_ever(name, step, pause))

    async def _for_ever(self, name: str, step: Callable[[], Awaitable[None]], pause: float) -> None:
        """Repeat `step`; after a failure wait longer each time, up to 5 s."""
        wait = 0.5
        while True:
            try:
                await step()
                wait = 0.5
                await asyncio.sleep(pause)
            except (*TROUBLE, MediaServerAway) as problem:
                log.warning("%s: %s", name, problem)
                await asyncio.sleep(wait)
                wait = min(wait * 2, 5.0)
            except Exception:
                log.exception("%s failed", name)
                await asyncio.sleep(wait)
                wait = min(wait * 2, 5.0)

    async def _follow(self) -> None:
        step = self._calls.step()
        self._events.extend(step.events)
        for call in step.answered:
            if not call.closed:
                self._keep(call)
        for uuid in step.ended:
            keeper = self._keepers.pop(uuid, None)
            if keeper is not None:
                keeper.cancel()
        if step.ended:
            self._records_now.set()
        self._spool_read = step.caught_up
        if step.caught_up and self._spool.exists() and self._spool.stat().st_size > self._rotate_bytes:
            rotate(self._spool)

    async def _send_events(self) -> None:
        """For the screen: what can't be sent now is sent late or, past a limit, not at all."""
        if not self._events:
            return
        del self._events[:-MOST_EVENTS]
        batch = tuple(self._events[:500])
        await self._handler.events(self._node, batch)
        del self._events[: len(batch)]

    async def _deliver(self) -> None:
        """Records are sent until the exchange says that they are settled; a record it refuses waits behind the rest."""
        records = self._store.waiting()
        if not records:
            self._records_now.clear()
            try:
                async with asyncio.timeout(5):
                    await self._records_now.wait()
            except TimeoutError:
                pass
            return
        try:
            settled = await self._handler.record(self._node, tuple(records))
        except ExchangeRefused:
            if len(records) == 1:
                raise
            settled = ()
            for one in records:
                try:
                    settled += await self._handler.record(self._node, (one,))
                except ExchangeRefused as problem:
                    log.error("the record of %s is refused: %s", one.uuid, problem)
        self._store.delivered(settled)
        left = [one.uuid for one in records if one.uuid not in set(settled)]
        if left:
            self._store.put_last(left)
            await asyncio.sleep(1.0)

    async def _provision(self) -> None:
        provision = await self._handler.provision(self._node)
        self._exchange_seen_at = time.time()
        if not provision.version:  # the exchange has just started and does not know yet: not the same as "nothing"
            await asyncio.sleep(0.5)
            return
        if provision.version != self._provisioned:
            self._emergency.keep(provision)
            for one in await self._driver.apply(provision):
                log.error("%s was not provisioned: %s", one.name, one.reason)
            self._provisioned = provision.version
        try:
            async with asyncio.timeout(self._provision_seconds):
                await self._provision_now.wait()
        except TimeoutError:
            pass
        self._provision_now.clear()

    async def _obey(self) -> None:
        for command in await self._handler.commands(self._node, self._commands_after, 25.0):
            if command.kind is CommandKind.PROVISION:
                self._provision_now.set()
            else:
                await self._hang_up(command.uuid)
            self._commands_after = max(self._commands_after, command.id)
        self._exchange_seen_at = time.time()

    async def _reconcile(self) -> None:
        """Tell what is alive; take the grants; hang up what the exchange never admitted."""
        while not (boot := self._driver.boot) or not self._spool_read:
            await asyncio.sleep(0.05)
        channels = await self._driver.live()
        if boot != self._settled_boot:
            self._report_lost(self._calls.drop_lost(boot, channels, time.time_ns() // 1000))
            self._settled_boot = boot
        known = self._calls.by_uuid()
        admitted = {**self._calls.admitted}
        live = tuple(
            LiveCall(uuid, known[uuid].answered_at if uuid in known else None)
            for uuid in channels
            if (uuid in admitted or (uuid in known and known[uuid].boot)) and not self._is_emergency(uuid)
        )
        report = ReconcileReport(boot, live, self._store.waiting_count())
        answer = await self._handler.reconcile(self._node, report)
        self._exchange_seen_at = time.time()
        for grant in answer.grants:
            await self._apply(grant)
        for uuid in answer.unknown:
            if uuid in channels and not self._is_emergency(uuid):
                log.warning("hanging up %s: the exchange does not know it", uuid)
                await self._driver.hang_up(channels[uuid])
        await asyncio.sleep(self._reconcile_seconds)

    def _report_lost(self, lost: list[CelCall]) -> None:
        now = time.time_ns() // 1000
        for call in lost:
            log.warning("%s was lost with an earlier life of the media server", call.uuid)
            if call.answered_at is not None:
                self._events.append(
                    Event(call.boot, call.uuid, EventKind.ANSWER, call.answered_at, answered_index(call))
                )
            self._events.append(Event(call.boot, call.uuid, EventKind.END, now))
            keeper = self._keepers.pop(call.uuid, None)
            if keeper is not None:
                keeper.cancel()

    # -- deadlines -----------------------------------------------------------------------------------------------

    def _keep(self, call: CelCall) -> None:
        if call.uuid in self._keepers or self._is_emergency(call.uuid):
            return
        self._keepers[call.uuid] = asyncio.create_task(self._extend(call))

    async def _extend(self, call: CelCall) -> None:
        """Ask at half of each slice, and again every second until answered: Asterisk ends the call if nobody does."""
        answered = (call.answered_at or 0) / 1_000_000
        known = self._calls.admitted.get(call.uuid)
        if known is None:  # our store was lost; the exchange knows
            known = Admitted(call.uuid, call.boot, 0, 0)
            self._calls.admit(known)
        before = 0
        while not known.last:
            half = before + (known.granted_seconds - before) / 2
            await asyncio.sleep(max(answered + half - time.time(), 0))
            granted = known.granted_seconds
            try:
                talked = max(int(time.time() - answered), 0)
                grant = await self._handler.extend(self._node, ExtendRequest(call.boot, call.uuid, talked))
                await self._apply(grant)
            except (*TROUBLE, MediaServerAway) as problem:
                log.warning("extending %s: %s", call.uuid, problem)
                await asyncio.sleep(1.0)
                continue
            if known.granted_seconds > granted:
                before = granted
            else:
                await asyncio.sleep(1.0)

    async def _apply(self, grant: Grant) -> None:
        """Move the deadline that Asterisk holds. A grant never shrinks; the hard cap is Asterisk's own (Dial S())."""
        known = self._calls.admitted.get(grant.uuid)
        call = self._calls.by_uuid().get(grant.uuid)
        if known is None or call is None or known.emergency:
            return
        more = grant.granted_seconds > known.granted_seconds
        if not more and grant.last == known.last:
            return
        if more and call.answered_at is not None:
            until = call.answered_at / 1_000_000 + grant.granted_seconds - MARGIN
            await self._driver.set_deadline(call.channel, until - time.time())
        known.granted_seconds = max(known.granted_seconds, grant.granted_seconds)
        known.last = known.last or grant.last
        self._calls.admit(known)

    async def _hang_up(self, uuid: str) -> None:
        call = self._calls.by_uuid().get(uuid)
        if call is None:
            return
        try:
            await self._driver.hang_up(call.channel)
        except MediaServerAway as problem:
            log.warning("hanging up %s: %s", uuid, problem)

    def _is_emergency(self, uuid: str) -> bool:
        return uuid in self._calls.admitted and self._calls.admitted[uuid].emergency
