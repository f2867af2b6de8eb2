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

    async def hang_up(self, node: int, uuid: str) -> None:
        """Tell `node` to end a call, through whichever exchange it asks."""
        async with await psycopg.AsyncConnection.connect(**self.dsn, autocommit=True) as connection:
            await connection.execute("select pg_notify(%s, %s)", [CHANNEL, json.dumps({"node": node, "uuid": uuid})])

    async def provision_changed(self) -> None:
        """Each exchange sees the books change by itself, so this one tells only its own nodes."""
        await self._put(None, CommandKind.PROVISION, "")

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

    async def _put(self, node: int | None, kind: CommandKind, uuid: str) -> None:
        # Ids follow the clock, so that a node's `after` means the same to every exchange and after a restart.
        self._last = max(self._last + 1, time.time_ns() // 1000)
        async with self._news:
            self._kept.append((node, Command(self._last, kind, uuid)))
            self._news.notify_all()

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**self.dsn, autocommit=True) as connection:
                    await connection.execute(f"listen {CHANNEL}")
                    async for notice in connection.notifies():
                        said = json.loads(notice.payload)
                        await self._put(said["node"], CommandKind.HANGUP, said["uuid"])
            except (psycopg.Error, OSError) as error:
                log.warning("commands are not heard", error=str(error))
                await asyncio.sleep(0.5)
