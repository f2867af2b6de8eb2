"""What the agent must not forget when it is killed: where the spool was read to, open calls, records to deliver."""

from __future__ import annotations

import fcntl
import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from switch_adapters.agent.spool import Position
from switch_adapters.base import CallRecord, from_wire, to_wire


@dataclass(slots=True)
class Admitted:
    """A call the exchange admitted: what it may talk, in seconds since its answer. `last` = there will be no more."""

    uuid: str
    boot: str
    granted_seconds: int
    max_seconds: int
    last: bool = False
    emergency: bool = False


class StoreBusy(RuntimeError):
    """Two agents on one spool would each deliver half of it."""


class Store:
    """A SQLite file. What is written survives kill -9 of the agent; losing the machine loses its calls as well.

    `absorb` is the one that matters: the position in the spool and everything learned from the lines before it
    change together or not at all.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = path.with_name(f"{path.name}.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StoreBusy(f"{path} is in use: another agent of this node is running") from None
        self._db = sqlite3.connect(path, isolation_level=None)
        path.chmod(0o600)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(
            """
            CREATE TABLE IF NOT EXISTS position (one INTEGER PRIMARY KEY, inode INTEGER, offset INTEGER);
            CREATE TABLE IF NOT EXISTS open_call (linked TEXT PRIMARY KEY, body TEXT);
            CREATE TABLE IF NOT EXISTS outbox (n INTEGER PRIMARY KEY, uuid TEXT UNIQUE, body TEXT);
            CREATE TABLE IF NOT EXISTS admitted (uuid TEXT PRIMARY KEY, boot TEXT, granted INTEGER, most INTEGER,
                                                 last INTEGER, emergency INTEGER);
            """
        )

    def close(self) -> None:
        self._db.close()
        self._lock.close()

    def position(self) -> Position:
        row = self._db.execute("SELECT inode, offset FROM position").fetchone()
        return Position(*row) if row else Position()

    def open_calls(self) -> dict[str, str]:
        return dict(self._db.execute("SELECT linked, body FROM open_call").fetchall())

    def absorb(
        self, position: Position, changed: dict[str, str], closed: list[str], records: list[CallRecord], over: list[str]
    ) -> None:
        """One step along the spool. `over` are uuids of calls that ended and need no grant any more."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.execute(
                "INSERT INTO position VALUES (1, ?, ?) ON CONFLICT (one) DO UPDATE SET inode=?, offset=?",
                (position.inode, position.offset) * 2,
            )
            self._db.executemany(
                "INSERT INTO open_call VALUES (?, ?) ON CONFLICT (linked) DO UPDATE SET body=excluded.body",
                changed.items(),
            )
            self._db.executemany("DELETE FROM open_call WHERE linked=?", [(one,) for one in closed])
            self._db.executemany(
                "INSERT OR IGNORE INTO outbox (uuid, body) VALUES (?, ?)",
                [(one.uuid, json.dumps(to_wire(one))) for one in records],
            )
            self._db.executemany("DELETE FROM admitted WHERE uuid=?", [(one,) for one in over])
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise

    def waiting(self, most: int = 200) -> list[CallRecord]:
        """Records to deliver, oldest first."""
        rows = self._db.execute("SELECT body FROM outbox ORDER BY n LIMIT ?", (most,)).fetchall()
        return [from_wire(CallRecord, json.loads(body)) for (body,) in rows]

    def waiting_count(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM outbox").fetchone()[0])

    def delivered(self, uuids: tuple[str, ...]) -> None:
        self._db.execute("DELETE FROM outbox WHERE uuid IN (SELECT value FROM json_each(?))", [json.dumps(uuids)])

    def put_last(self, uuids: list[str]) -> None:
        """Move records that were not taken behind the others, so that one that never is does not hold up the rest."""
        self._db.executemany(
            "UPDATE outbox SET n = (SELECT max(n) + 1 FROM outbox) WHERE uuid=?", [(one,) for one in uuids]
        )

    def admit(self, call: Admitted) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO admitted VALUES (?, ?, ?, ?, ?, ?)",
            (call.uuid, call.boot, call.granted_seconds, call.max_seconds, call.last, call.emergency),
        )

    def admitted(self) -> dict[str, Admitted]:
        rows = self._db.execute("SELECT uuid, boot, granted, most, last, emergency FROM admitted").fetchall()
        return {
            uuid: Admitted(uuid, boot, granted, most, bool(last), bool(emergency))
            for uuid, boot, granted, most, last, emergency in rows
        }

    def forget(self, uuids: list[str]) -> None:
        self._db.executemany("DELETE FROM admitted WHERE uuid=?", [(one,) for one in uuids])
