"""The embedded channel layer: PostgreSQL's LISTEN/NOTIFY, nothing stored. Production may use Redis's pub/sub layer.

One listening connection a process, which reconnects by itself. A message is at most once, as Channels allows; a slow
receiver loses its oldest. Whoever has a database connection can publish inside its transaction: it is heard at commit
and never after a rollback. `calls_publish` of the call records does that.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import defaultdict
from typing import Any

import psycopg
import structlog
from channels.layers import BaseChannelLayer
from django.conf import settings

CHANNEL = "tandem_live"
# PostgreSQL refuses a payload of 8,000 bytes. Ours say what changed, and the receiver looks it up.
MOST_BYTES = 7_500
log = structlog.get_logger()


class TooLarge(ValueError):
    """A message that doesn't fit in a notification."""


class PostgresLayer(BaseChannelLayer):
    """Groups live in this process's memory: every process hears everything and keeps what concerns it."""

    extensions = ["groups"]

    def __init__(self, capacity: int = 100, **_: Any) -> None:
        super().__init__(capacity=capacity)
        self._queues: dict[str, asyncio.Queue] = {}
        self._groups: dict[str, set[str]] = defaultdict(set)
        self._listener: asyncio.Task | None = None
        self._listening = asyncio.Event()

    # -- Receiving ---------------------------------------------------------------------------------------------------

    async def new_channel(self, prefix: str = "specific") -> str:
        name = f"{prefix}.{secrets.token_hex(8)}"
        self._queues[name] = asyncio.Queue(maxsize=self.capacity)
        return name

    async def receive(self, channel: str) -> dict[str, Any]:
        await self._ready()
        queue = self._queues.setdefault(channel, asyncio.Queue(maxsize=self.capacity))
        try:
            return await queue.get()
        except asyncio.CancelledError:
            self._queues.pop(channel, None)
            raise

    async def group_add(self, group: str, channel: str) -> None:
        self.require_valid_group_name(group)
        await self._ready()
        self._groups[group].add(channel)

    async def group_discard(self, group: str, channel: str) -> None:
        self._groups[group].discard(channel)
        if not self._groups[group]:
            del self._groups[group]

    async def _ready(self) -> None:
        loop = asyncio.get_running_loop()
        if self._listener is None or self._listener.done() or self._listener.get_loop() is not loop:
            self._listening = asyncio.Event()
            self._listener = loop.create_task(self._listen())
        await self._listening.wait()

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**_dsn(), autocommit=True) as connection:
                    await connection.execute(f"listen {CHANNEL}")
                    self._listening.set()
                    async for notice in connection.notifies():
                        self._heard(notice.payload)
            except (psycopg.Error, OSError) as error:
                log.warning("live events are interrupted", error=str(error))
                await asyncio.sleep(0.5)

    def _heard(self, payload: str) -> None:
        said = json.loads(payload)
        if channel := said.get("channel"):
            self._put(channel, said["message"])
            return
        message = said.get("message") or {"type": "live.event", **said}
        for channel in list(self._groups.get(said["group"], ())):
            self._put(channel, message)

    def _put(self, channel: str, message: dict[str, Any]) -> None:
        queue = self._queues.get(channel)
        if queue is None:
            return
        if queue.full():
            queue.get_nowait()
        queue.put_nowait(message)

    # -- Sending -----------------------------------------------------------------------------------------------------

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        await self._notify({"channel": channel, "message": message})

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self.require_valid_group_name(group)
        await self._notify({"group": group, "message": message})

    async def _notify(self, said: dict[str, Any]) -> None:
        payload = json.dumps(said)
        if len(payload.encode()) > MOST_BYTES:
            raise TooLarge("A live message must fit in 7,500 bytes: send what changed, not the thing itself.")
        async with await psycopg.AsyncConnection.connect(**_dsn(), autocommit=True) as connection:
            await connection.execute("select pg_notify(%s, %s)", [CHANNEL, payload])


def _dsn() -> dict[str, Any]:
    place = settings.DATABASES["default"]
    wanted = {"host": "HOST", "port": "PORT", "dbname": "NAME", "user": "USER", "password": "PASSWORD"}
    return {key: place[name] for key, name in wanted.items() if place[name]} | {"application_name": "tandem live"}
