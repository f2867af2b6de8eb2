"""The engine: one exchange's books, till and boards together, and the face a node sees (switch_adapters.CallHandler)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool

from exchange import reconcile
from exchange.admit import admit
from exchange.bookshelf import Bookshelf
from exchange.commands import Commands
from exchange.extend import extend
from exchange.provision import Provisions
from exchange.settle_call import moment, settle_record
from exchange.till import Name, Till, TillRefused, TillUnavailable
from exchange.world import World
from switch_adapters.base import (
    Answer,
    CallRecord,
    Command,
    DecideRequest,
    Event,
    EventKind,
    ExtendRequest,
    Grant,
    Provision,
    ReconcileAnswer,
    ReconcileReport,
)

STATES = {EventKind.RING: "ringing", EventKind.ANSWER: "answered", EventKind.END: "ended"}
MOST_LATER = 5_000
log = structlog.get_logger()


class Engine:
    def __init__(self, dsn: dict[str, Any], folder: Path) -> None:
        self.dsn = dsn
        self.shelf = Bookshelf(dsn, folder)
        self.till = Till(psycopg.conninfo.make_conninfo(**dsn))
        self.pool = AsyncConnectionPool(
            psycopg.conninfo.make_conninfo(**dsn), min_size=1, max_size=4, open=False, kwargs={"autocommit": True}
        )
        self.world = World()
        self.board = Commands(dsn)
        self.provisions = Provisions(self)
        self.strangers: dict[Name, float] = {}
        self._houses: dict[tuple[int, str, str], int] = {}
        self._later: set[asyncio.Task] = set()
        self._tasks: list[asyncio.Task] = []

    async def start(self) -> None:
        """Ready to decide when this returns: books mapped and current, both lanes of the till connected."""
        await self.pool.open(wait=True, timeout=10)
        await self.till.open()
        await self.shelf.start()
        await self.board.start()
        self._tasks = [
            asyncio.create_task(reconcile.keep_sweeping(self)),
            asyncio.create_task(self.provisions.keep_current()),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._later:
            await asyncio.wait(self._later, timeout=3)
        await self.board.stop()
        await self.shelf.stop()
        await self.till.close()
        await self.pool.close()

    # -- What a node asks (CallHandler) --------------------------------------------------------------------------------

    async def decide(self, node: int, request: DecideRequest) -> Answer:
        return await admit(self, node, request)

    async def extend(self, node: int, request: ExtendRequest) -> Grant:
        return await extend(self, node, request)

    async def events(self, node: int, events: tuple[Event, ...]) -> None:
        for event in events:
            found = await self.till.find(Name(node, event.boot, event.uuid))
            if found.state == "live" and found.call_id is not None:
                answered_at = moment(event.at) if event.kind is EventKind.ANSWER else None
                await self.till.seen(found.call_id, STATES[event.kind], answered_at)

    async def reconcile(self, node: int, report: ReconcileReport) -> ReconcileAnswer:
        return await reconcile.reconcile(self, node, report)

    async def record(self, node: int, records: tuple[CallRecord, ...]) -> tuple[str, ...]:
        done = await asyncio.gather(*(self._settled(node, one) for one in records))
        return tuple(one.uuid for one, is_done in zip(records, done, strict=True) if is_done)

    async def _settled(self, node: int, record: CallRecord) -> bool:
        try:
            return await settle_record(self, node, record)
        except (TillUnavailable, TillRefused, psycopg.Error) as error:
            log.warning("a record waits", uuid=record.uuid, error=str(error))
            return False

    async def provision(self, node: int) -> Provision:
        return self.provisions.current

    async def commands(self, node: int, after: int, wait_seconds: float) -> tuple[Command, ...]:
        return await self.board.after(node, after, wait_seconds)

    # -- What pages ask ------------------------------------------------------------------------------------------------

    async def hang_up(self, operator_id: int, call_id: int) -> bool:
        """End a live call that runs through `operator_id`. False if it has none of that id."""
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                "select node, uuid from calls_livecall where id = %s and labels ? %s", [call_id, str(operator_id)]
            )
            row = await cursor.fetchone()
        if row is None:
            return False
        await self.board.hang_up(row[0], row[1])
        return True

    def health(self) -> dict[str, Any]:
        deciding, settling = self.till.waiting
        behind = sum(not self.shelf.is_current(one) for one in self.shelf.books.versions())
        return {"books": len(self.shelf.books.versions()), "behind": behind, "deciding": deciding, "settling": settling}

    # -- What the deeds need -------------------------------------------------------------------------------------------

    def later(self, work: Awaitable[Any]) -> None:
        """Do it soon, without keeping the caller waiting. Only for what the screen shows, never for money."""
        if len(self._later) < MOST_LATER:
            task = asyncio.ensure_future(work)
            self._later.add(task)
            task.add_done_callback(self._has_been_done)
        elif asyncio.iscoroutine(work):
            work.close()

    def _has_been_done(self, task: asyncio.Task) -> None:
        self._later.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.warning("left undone", error=str(error))

    async def house(self, operator_id: int, kind: str, currency: str) -> int:
        """The operator's own account (revenue, cost) in a currency; opened when first needed."""
        key = (operator_id, kind, currency)
        if key not in self._houses:
            async with self.pool.connection() as connection:
                cursor = await connection.execute(
                    "select ledger_open_account(%s, %s, 'house', %s, null, null, %s)",
                    [operator_id, kind, currency, f"{kind} {currency}"],
                )
                self._houses[key] = (await cursor.fetchone() or (0,))[0]
        return self._houses[key]

    def customer_name(self, operator_id: int, customer_id: int) -> str:
        book = self.shelf.books.book(operator_id)
        found = book.customers.get(customer_id) if book else None
        return found.name if found else ""

    def device_name(self, operator_id: int, device_id: int) -> str:
        book = self.shelf.books.book(operator_id)
        found = book.devices.get(device_id) if book else None
        return found.name if found else ""

    def provider_name(self, operator_id: int, provider_id: int) -> str:
        book = self.shelf.books.book(operator_id)
        found = book.providers.get(provider_id) if book else None
        return found.name if found else ""
