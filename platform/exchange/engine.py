"""The engine: one exchange's books, till and boards together. To nodes it is a switch_adapters.base.CallHandler."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from decimal import Decimal
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool

from exchange import follow, reconcile
from exchange.admit import admit
from exchange.bookshelf import Bookshelf
from exchange.commands import CHANNEL, HANG_UP, Commands
from exchange.extend import extend
from exchange.provision import Provisions
from exchange.recent import Recent
from exchange.settle_call import settle_record
from exchange.till import Name, Till, TillUnavailable
from exchange.world import World
from switch_adapters.base import (
    Answer,
    CallRecord,
    Command,
    DecideRequest,
    Event,
    ExtendRequest,
    Grant,
    Provision,
    ReconcileAnswer,
    ReconcileReport,
)

# Nothing asked of the database may hang: it may be away, frozen, or behind a network that swallows everything.
TIMEOUTS = {
    "connect_timeout": 3, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3,
    "tcp_user_timeout": 5000,
    "options": "-c statement_timeout=5000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=5000",
}  # fmt: skip
ASK_SECONDS = 4.0
PUBLISH_SECONDS = 0.5
MOST_LATER = 5_000
log = structlog.get_logger()


class Engine:
    def __init__(self, dsn: dict[str, Any], folder: Path) -> None:
        self.dsn = dsn = dsn | TIMEOUTS
        self.shelf = Bookshelf(dsn, folder)
        self.till = Till(psycopg.conninfo.make_conninfo(**dsn))
        self.pool = AsyncConnectionPool(
            psycopg.conninfo.make_conninfo(**dsn), min_size=1, max_size=4, open=False, kwargs={"autocommit": True},
            timeout=ASK_SECONDS, reconnect_timeout=2, check=AsyncConnectionPool.check_connection,
        )  # fmt: skip
        self.world = World()
        self.board = Commands(dsn)
        self.provisions = Provisions(self)
        self.strangers: dict[Name, float] = {}
        self.recent = Recent()
        self.changed: set[int] = set()
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
            asyncio.create_task(self.keep_publishing()),
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
        await follow.follow(self, node, events)

    async def reconcile(self, node: int, report: ReconcileReport) -> ReconcileAnswer:
        return await reconcile.reconcile(self, node, report)

    async def record(self, node: int, records: tuple[CallRecord, ...]) -> tuple[str, ...]:
        done = await asyncio.gather(*(self._settled(node, one) for one in records))
        return tuple(one.uuid for one, is_done in zip(records, done, strict=True) if is_done)

    async def _settled(self, node: int, record: CallRecord) -> bool:
        try:
            return await settle_record(self, node, record)
        except TillUnavailable as error:
            log.warning("a record waits", uuid=record.uuid, error=str(error))
        except Exception:  # one record that can't be settled must not keep the others of its message waiting
            log.exception("a record can't be settled", uuid=record.uuid, node=node)
        return False

    async def provision(self, node: int) -> Provision:
        return self.provisions.current

    async def commands(self, node: int, after: int, wait_seconds: float) -> tuple[Command, ...]:
        return await self.board.after(node, after, wait_seconds)

    # -- What pages ask ------------------------------------------------------------------------------------------------

    async def hang_up(self, operator_id: int, call_id: int) -> bool:
        """End a live call that runs through `operator_id`. False if it has none of that id."""
        rows = await self.ask(
            "select node, uuid from calls_livecall where id = %s and labels ? %s", [call_id, str(operator_id)]
        )
        for node, uuid in rows:
            await self.ask(HANG_UP, [CHANNEL, node, uuid])
        return bool(rows)

    def health(self) -> dict[str, Any]:
        deciding, settling = self.till.waiting
        behind = sum(not self.shelf.is_current(one) for one in self.shelf.books.versions())
        return {"books": len(self.shelf.books.versions()), "behind": behind, "deciding": deciding, "settling": settling}

    # -- What the deeds need -------------------------------------------------------------------------------------------

    async def ask(self, query: LiteralString, values: list[Any], seconds: float = ASK_SECONDS) -> list[Any]:
        """The rows of one statement, outside of the till. Raises TillUnavailable."""
        try:
            async with asyncio.timeout(seconds), self.pool.connection(seconds) as connection:
                return await (await connection.execute(query, values)).fetchall()
        except (psycopg.Error, OSError, TimeoutError) as error:
            raise TillUnavailable(str(error).strip() or "The database did not answer in time.") from error

    async def keep_publishing(self) -> None:
        """Tell screens, at most twice a second, whose calls began to ring or were answered."""
        while True:
            await asyncio.sleep(PUBLISH_SECONDS)
            changed, self.changed = self.changed, set()
            if changed:
                try:
                    await self.ask("select calls_publish(%s::bigint[])", [list(changed)])
                except TillUnavailable:
                    continue  # screens look again by themselves

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
            rows = await self.ask(
                "select ledger_open_account(%s, %s, 'house', %s, null, null, %s)",
                [operator_id, kind, currency, f"{kind} {currency}"],
            )
            self._houses[key] = rows[0][0]
        return self._houses[key]

    async def above_floor(self, account_id: int) -> Decimal | None:
        """What was posted above the floor, held or not; None if there is no floor or no quick answer."""
        try:
            rows = await self.ask("select posted - floor from ledger_account where id = %s", [account_id], 0.2)
        except TillUnavailable:
            return None
        return rows[0][0] if rows else None

    async def route_of(self, call_id: int) -> int | None:
        """The route that answered a live call, if an event has told."""
        rows = await self.ask("select route_index from calls_livecall where id = %s", [call_id])
        return rows[0][0] if rows else None

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
