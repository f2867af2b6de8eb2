"""What nodes are told to do: hang up, fetch a new provision. Every exchange hears of it, a node asks one of them."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from typing import Any

import psycopg
import structlog

from switch_adapters.base import Command, CommandKind

CHANNEL = "node_commands"
# Ids are the database's clock, so that a node's `after` means the same to every exchange and after a restart.
HANG_UP = """select pg_notify(%s, json_build_object('node', %s::int, 'uuid', %s::text,
    'id', (extract(epoch from clock_timestamp()) * 1000000)::bigint)::text)"""
LOOK_SECONDS = 20.0
KEPT = 1_000
log = structlog.get_logger()


class Commands:
    """A short memory of commands; `after` answers those a node hasn't seen, waiting for the first if need be."""

    def __init__(self, dsn: dict[str, Any]) -> None:
        self.dsn = dsn
        self._kept: deque[tuple[int | None, Command]] = deque(maxlen=KEPT)
        self._news = asyncio.Condition()
        self._task: asyncio.Task | None = None
        self._last = 0

    async def start(self) -> None:
        self._task = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def provision_changed(self) -> None:
        """Each exchange sees the books change by itself, so this one tells only its own nodes."""
        await self._put(time.time_ns() // 1000, None, CommandKind.PROVISION, "")

    async def after(self, node: int, after: int, wait_seconds: float) -> tuple[Command, ...]:
        try:
            async with asyncio.timeout(wait_seconds), self._news:
                while not (found := self._for(node, after)):
                    await self._news.wait()
                return found
        except TimeoutError:
            return ()

    def _for(self, node: int, after: int) -> tuple[Command, ...]:
        return tuple(one for whose, one in self._kept if whose in (None, node) and one.id > after)

    async def _put(self, id: int, node: int | None, kind: CommandKind, uuid: str) -> None:
        self._last = max(self._last + 1, id)
        async with self._news:
            self._kept.append((node, Command(self._last, kind, uuid)))
            self._news.notify_all()

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**self.dsn, autocommit=True) as connection:
                    await connection.execute(f"listen {CHANNEL}")
                    while True:
                        async for notice in connection.notifies(timeout=LOOK_SECONDS):
                            await self._take(notice.payload)
                        await asyncio.wait_for(connection.execute("select 1"), 5)  # is anybody still there?
            except (psycopg.Error, OSError, TimeoutError) as error:
                log.warning("commands are not heard", error=str(error))
                await asyncio.sleep(0.5)

    async def _take(self, payload: str) -> None:
        try:
            said = json.loads(payload)
            await self._put(int(said["id"]), int(said["node"]), CommandKind.HANGUP, str(said["uuid"]))
        except (ValueError, KeyError, TypeError):
            log.error("a command can't be read", payload=payload[:200])
