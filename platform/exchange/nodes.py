"""Who a node is, from its secret. Known nodes are remembered for a short while, so a revoked one is out soon."""

from __future__ import annotations

import asyncio
import hmac
import time
from typing import Any

import psycopg

from exchange.lane import TillUnavailable
from fleet.models import hash_of

REMEMBER_SECONDS = 10
# While the database is away nodes are still told "no" instead of being shut out; but not for ever.
TRUST_SECONDS = 300
READ_SECONDS = 1.0
QUERY = "select id, secret_sha256 from fleet_node where active"


class Nodes:
    def __init__(self, dsn: dict[str, Any]) -> None:
        self.dsn = dsn
        self._known: dict[int, str] = {}
        self._read_at = self._tried_at = float("-inf")
        self._reading = asyncio.Lock()

    async def who(self, authorization: str) -> int | None:
        """The node's id for "Bearer <id>.<secret>"; None if that is nobody. Raises TillUnavailable."""
        number, _, secret = authorization.removeprefix("Bearer ").partition(".")
        if not number.isascii() or not number.isdigit() or len(number) > 18 or not secret:
            return None
        found = await self._known_as(int(number), secret, REMEMBER_SECONDS)
        # A node that was made a moment ago, or has a new secret: look again, but not for every stranger.
        return int(number) if found or await self._known_as(int(number), secret, READ_SECONDS) else None

    async def _known_as(self, number: int, secret: str, seconds: float) -> bool:
        await self._look(seconds)
        return hmac.compare_digest(self._known.get(number, ""), hash_of(secret))

    async def _look(self, seconds: float) -> None:
        """Read again what is older than some seconds. One reads, the others go by what is known meanwhile."""
        age = time.monotonic() - self._read_at
        usable = age <= TRUST_SECONDS
        if age <= seconds or (usable and time.monotonic() - self._tried_at < READ_SECONDS):
            return
        async with self._reading:
            if time.monotonic() - self._read_at <= seconds:
                return
            self._tried_at = time.monotonic()
            try:
                async with asyncio.timeout(READ_SECONDS):
                    await self._read()
            except (psycopg.Error, OSError, TimeoutError) as error:
                if not usable:
                    raise TillUnavailable("The database is away.") from error

    async def _read(self) -> None:
        async with await psycopg.AsyncConnection.connect(**self.dsn, autocommit=True) as connection:
            self._known = dict(await (await connection.execute(QUERY)).fetchall())
        self._read_at = time.monotonic()
