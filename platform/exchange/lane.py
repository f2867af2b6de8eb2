"""A lane of the till: a bounded queue before one database connection that works it off in batches.

A failed batch is halved until the one bad item fails alone. A lost connection is made again and its batch repeated,
which every batch function must bear. Items wait for nothing else: whatever is there when the connection is free goes.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

import psycopg
import structlog

log = structlog.get_logger("exchange.till")

RUN_AGAIN = {"40001", "40P01", "55P03", "57014"}
LOSES_CONNECTION = ("08", "57P", "53")
HANGS_AFTER = 10.0


class TillUnavailable(Exception):
    """The database can't be asked right now, or not in time: refuse the call."""


class TillFull(TillUnavailable):
    """More waits already than can be worked off in time."""


class TillRefused(Exception):
    """The database refused this one item; the text is its sentence, `code` its SQLSTATE."""

    def __init__(self, sentence: str, code: str | None) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(slots=True, eq=False)
class Item:
    """`mark`: two items with the same mark never share a batch."""

    content: Any
    mark: Hashable
    result: asyncio.Future[Any] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    since: float = field(default_factory=time.monotonic)


Run = Callable[[psycopg.AsyncCursor[Any], list[Any]], Awaitable[list[Any]]]


class Lane:
    def __init__(
        self,
        name: str,
        connect: Callable[[], Awaitable[psycopg.AsyncConnection[Any]]],
        run: Run,
        *,
        limit: int,
        batch: int,
        every: float = 0.0,
        idle: Callable[[psycopg.AsyncCursor[Any]], Awaitable[None]] | None = None,
        lost: Callable[[], None] = lambda: None,
    ) -> None:
        self.name, self._connect, self._run = name, connect, run
        self._limit, self._batch, self._every = limit, batch, every
        self._idle, self._lost = idle, lost
        self._queue: deque[Item] = deque()
        self._wake = asyncio.Event()
        self._closing = False
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._cursor: psycopg.AsyncCursor[Any] | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        return len(self._queue)

    @property
    def behind(self) -> float:
        """Seconds that the oldest item has waited."""
        return time.monotonic() - self._queue[0].since if self._queue else 0.0

    async def open(self) -> None:
        """Connect and start working. Raises psycopg.OperationalError if the database isn't there."""
        await self._reconnect()
        self._task = asyncio.create_task(self._work(), name=f"till {self.name}")

    async def close(self, within: float) -> None:
        """Take nothing more, work off what waits for at most `within` seconds, and hang up."""
        self._closing = True
        self._wake.set()
        if self._task is not None:
            done, _ = await asyncio.wait({self._task}, timeout=within)
            if not done:
                self._task.cancel()
                await asyncio.wait({self._task})
        for item in self._queue:
            _fail(item, TillUnavailable("The till has closed."))
        self._queue.clear()
        await self._disconnect()

    async def put(self, content: Any, mark: Hashable, patience: float | None = None) -> Any:
        """The result of `content`. Raises TillFull, TillUnavailable, or TillRefused."""
        if self._closing:
            raise TillUnavailable("The till is closing.")
        if len(self._queue) >= self._limit:
            raise TillFull(f"{len(self._queue)} {self.name}s wait already.")
        item = Item(content, mark)
        self._queue.append(item)
        self._wake.set()
        if patience is None:
            return await item.result
        late = TillUnavailable("The database did not answer in time.")
        alarm = asyncio.get_running_loop().call_later(patience, _fail, item, late)
        try:
            return await item.result
        finally:
            alarm.cancel()

    async def _work(self) -> None:
        next_at = 0.0
        while self._queue or not self._closing:
            if self._cursor is None:
                # At once, not with the next item: nobody can mint an id for one before.
                try:
                    await self._reconnect()
                except psycopg.Error as error:
                    log.warning("till can't connect", lane=self.name, error=str(error).strip())
                    await asyncio.sleep(0.5)
                    self._drop_done()
                    continue
            if not self._queue and not self._closing:
                self._wake.clear()
                try:
                    await asyncio.wait_for(self._wake.wait(), 0.5 if self._idle else None)
                except TimeoutError:
                    pass
            if self._every and not self._closing and len(self._queue) < self._batch:
                pause = next_at - time.monotonic()
                if pause > 0:
                    await asyncio.sleep(pause)
            next_at = time.monotonic() + self._every
            try:
                batch = self._take()
                if batch:
                    await self._flush(batch)
                if self._idle and self._cursor is not None and not self._closing:
                    await self._idle(self._cursor)
            except psycopg.Error as error:
                log.warning("till idle work failed", lane=self.name, error=str(error))
                if self._cursor is None or self._cursor.connection.closed:
                    await self._disconnect()

    def _drop_done(self) -> None:
        self._queue = deque(item for item in self._queue if not item.result.done())

    def _take(self) -> list[Item]:
        batch: list[Item] = []
        marks: set[Hashable] = set()
        kept: list[Item] = []
        while self._queue and len(batch) < self._batch:
            item = self._queue.popleft()
            if item.result.done():
                continue
            if item.mark in marks:
                kept.append(item)
            else:
                marks.add(item.mark)
                batch.append(item)
        self._queue.extendleft(reversed(kept))
        return batch

    async def _flush(self, batch: list[Item]) -> None:
        tries = 0
        while batch:
            try:
                results = await self._ask([item.content for item in batch])
            except asyncio.CancelledError:
                for item in batch:
                    _fail(item, TillUnavailable("The till has closed."))
                raise
            except psycopg.Error as error:
                code = error.sqlstate
                if code is None or code.startswith(LOSES_CONNECTION):
                    # What became of the batch is not known; every function of the till may be run again.
                    log.warning("till lost its connection", lane=self.name, error=str(error).strip(), items=len(batch))
                    await self._disconnect()
                    await asyncio.sleep(min(0.05 * 2**tries, 0.5))
                elif not (code in RUN_AGAIN and tries < 3):
                    await self._halve(batch, error)
                    return
                tries += 1
                batch = [item for item in batch if not item.result.done()]
            except Exception as error:  # a result that can't be read is this batch's fault, never the lane's end
                await self._halve(batch, error)
                return
            else:
                for item, result in zip(batch, results, strict=True):
                    if not item.result.done():
                        item.result.set_result(result)
                return

    async def _halve(self, batch: list[Item], error: Exception) -> None:
        if len(batch) == 1:
            message, code = str(error) or type(error).__name__, None
            if isinstance(error, psycopg.Error):
                message, code = error.diag.message_primary or message, error.sqlstate
            log.error("till refused one item", lane=self.name, mark=str(batch[0].mark), error=message)
            _fail(batch[0], TillRefused(message, code))
            return
        half = len(batch) // 2
        await self._flush(batch[:half])
        await self._flush(batch[half:])

    async def _ask(self, contents: list[Any]) -> list[Any]:
        """Run the batch, at most HANGS_AFTER seconds: a frozen server keeps neither timeouts nor requests to cancel."""
        if self._cursor is None or self._cursor.connection.closed:
            await self._reconnect()
        assert self._cursor is not None and self._connection is not None
        alarm = asyncio.get_running_loop().call_later(HANGS_AFTER, _cut, self._connection)
        try:
            return await self._run(self._cursor, contents)
        finally:
            alarm.cancel()

    async def _reconnect(self) -> None:
        await self._disconnect()
        self._connection = await self._connect()
        self._cursor = self._connection.cursor(binary=True)

    async def _disconnect(self) -> None:
        connection, self._connection, self._cursor = self._connection, None, None
        if connection is not None:
            self._lost()
            await connection.close()


def _cut(connection: psycopg.AsyncConnection[Any]) -> None:
    if not connection.closed:
        with socket.socket(fileno=os.dup(connection.pgconn.socket)) as line:
            line.shutdown(socket.SHUT_RDWR)


def _fail(item: Item, error: Exception) -> None:
    if not item.result.done():
        item.result.set_exception(error)
