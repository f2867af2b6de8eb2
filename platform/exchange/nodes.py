"""Who a node is, from its secret. Known nodes are remembered for a short while, so a revoked one is out soon."""

from __future__ import annotations

import hmac
import time

import psycopg

from fleet.models import hash_of

REMEMBER_SECONDS = 10
QUERY = "select id, secret_sha256 from fleet_node where active"


class Nodes:
    def __init__(self, dsn: dict) -> None:
        self.dsn = dsn
        self._known: dict[int, str] = {}
        self._read_at = -float(REMEMBER_SECONDS)

    async def who(self, authorization: str) -> int | None:
        """The node's id for "Bearer <id>.<secret>"; None if that is nobody."""
        number, _, secret = authorization.removeprefix("Bearer ").partition(".")
        if not number.isascii() or not number.isdigit() or not secret:
            return None
        if time.monotonic() - self._read_at > REMEMBER_SECONDS:
            async with await psycopg.AsyncConnection.connect(**self.dsn, autocommit=True) as connection:
                self._known = dict(await (await connection.execute(QUERY)).fetchall())
            self._read_at = time.monotonic()
        kept = self._known.get(int(number), "")
        return int(number) if hmac.compare_digest(kept, hash_of(secret)) else None
