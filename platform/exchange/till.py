"""The till: holds, extends and settles the money of many calls in few database statements.

Two lanes, each one connection: decisions go at once, settlements and extends every few milliseconds. PostgreSQL is the
arbiter, so several exchanges may run one each. Every deed here may be repeated: it is done once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
import psycopg
from psycopg.types.numeric import Int8BinaryDumper

from exchange.lane import Lane, TillFull, TillRefused, TillUnavailable
from exchange.slips import (
    Admission,
    Admitted,
    Extended,
    Extension,
    Finished,
    Found,
    Name,
    Seen,
    attempt_row,
    call_row,
    transfer,
)
from ledger.ids import MINTERS, Minter

__all__ = [
    "Admission",
    "Admitted",
    "Extended",
    "Extension",
    "Finished",
    "Found",
    "Name",
    "Seen",
    "Till",
    "TillFull",
    "TillRefused",
    "TillUnavailable",
    "attempt_row",
    "call_row",
    "transfer",
]

DECIDE_PATIENCE = 1.2  # the node's agent refuses the call by itself after 1.5 s
CROWDED_AFTER = {"decide": 0.4, "settle": 5.0}  # seconds
OPTIONS = (
    "-c statement_timeout=5000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=5000 -c jit=off"
    " -c plan_cache_mode=force_generic_plan -c enable_hashjoin=off -c enable_mergejoin=off -c enable_seqscan=off"
)

DECIDE = (
    "select * from exchange_decide(%s::json, %s::json, %s::bigint[], %s::timestamptz[], %s::bigint[], %s::int[],"
    " %s::int[], %s::numeric[])"
)
EXTEND = (
    "select * from exchange_extend(%s::bigint[], %s::int[], %s::timestamptz[], %s::bigint[], %s::int[], %s::int[],"
    " %s::numeric[])"
)
SETTLE = (
    "select * from exchange_settle(%s::json, %s::json, %s::json, %s::json, %s::bigint[], %s::bigint[], %s::bigint[],"
    " %s::bigint[], %s::int[], %s::text[], %s::int[], %s::int[], %s::numeric[])"
)
CORRECT = "select exchange_correct(%s::bigint, %s::json, %s::json, %s::json, %s::json)"
FIND = "select * from exchange_find(%s::int[], %s::text[], %s::text[], %s::timestamptz[])"
SEEN = "select calls_seen(%s::bigint[], %s::text[], %s::timestamptz[])"


class Till:
    """One per exchange process. `conninfo` must log in as tandem_engine."""

    def __init__(
        self,
        conninfo: str,
        *,
        decide_every: float = 0.002,
        settle_every: float = 0.025,
        settle_batch: int = 400,
        decide_batch: int = 200,
        decide_limit: int = 2000,
        settle_limit: int = 20000,
        publish_every: float = 0.5,
    ) -> None:
        self._conninfo = conninfo
        self._minter: Minter | None = None
        self._deciding: dict[Name, asyncio.Future[Admitted]] = {}
        self._changed: set[int] = set()
        self._publish_every, self._published_at = publish_every, 0.0
        self._decide = Lane(
            "decide",
            self._connect_minting,
            self._run_decide,
            limit=decide_limit,
            batch=decide_batch,
            every=decide_every,
            lost=self._stop_minting,
        )
        self._settle = Lane(
            "settle",
            self._connect,
            self._run_settle,
            limit=settle_limit,
            batch=settle_batch,
            every=settle_every,
            idle=self._publish,
        )

    async def open(self) -> None:
        """Connect both lanes. Raises psycopg.OperationalError if the database isn't there."""
        await self._decide.open()
        await self._settle.open()

    async def close(self, within: float = 5.0) -> None:
        """Take nothing more, finish what waits, hang up. What could not be finished fails with TillUnavailable."""
        await asyncio.gather(self._decide.close(within), self._settle.close(within))

    async def __aenter__(self) -> Till:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def mint(self) -> int:
        """A fresh call id. Raises TillUnavailable while the database is away: the number minted under may be lost."""
        if self._minter is None:
            raise TillUnavailable("The database is away.")
        return self._minter.mint()

    @property
    def waiting(self) -> tuple[int, int]:
        """How many decisions and how many settlements and extends wait: for health and alarms."""
        return self._decide.waiting, self._settle.waiting

    @property
    def crowded(self) -> bool:
        """Decisions wait so long that one more would come too late, or settlements so long that money stays held:
        refuse a call before any work is spent on it.

        Without this an exchange that is a little too slow spends itself on answers nobody waits for, and admits none.
        """
        return any(lane.behind > CROWDED_AFTER[lane.name] for lane in (self._decide, self._settle))

    async def decide(self, admission: Admission, patience: float = DECIDE_PATIENCE) -> Admitted:
        """Admit a call: all its holds or none. Raises TillUnavailable, or TillRefused for an unknown account.

        After TillUnavailable the call may be held all the same; a repetition under its name finds out.
        """
        before = self._deciding.get(admission.name)
        if before is not None:
            first = await asyncio.shield(before)
            return replace(first, status="repeated") if first.status == "held" else first
        future: asyncio.Future[Admitted] = asyncio.get_running_loop().create_future()
        self._deciding[admission.name] = future
        try:
            result: Admitted = await self._decide.put(admission, admission.name, patience)
            future.set_result(result)
        except BaseException as error:
            future.set_exception(
                error if isinstance(error, Exception) else TillUnavailable("The decision was given up.")
            )
            future.exception()
            raise
        finally:
            del self._deciding[admission.name]
        return result

    async def extend(
        self, extension: Extension, afford: Callable[[Mapping[int, Decimal | None]], Extension | None] | None = None
    ) -> Extended:
        """Raise a call's holds. If money is short, `afford` may offer less, given what each account could hold."""
        result: Extended = await self._settle.put(extension, ("extend", extension.call_id))
        tries = 0
        while result.status == "short" and afford is not None and tries < 3:
            smaller = afford(result.free)
            if smaller is None:
                break
            result, tries = await self._settle.put(smaller, ("extend", smaller.call_id)), tries + 1
        return result

    async def settle(self, finished: Finished) -> str:
        """settled | repeated | corrected | differs | named (its name is another call's). Waits out a lost database."""
        if [row["level"] for row in finished.rows].count(0) != 1 or finished.rows[0]["level"] != 0:
            raise ValueError("A finished call has exactly one row of level 0, and it comes first.")
        if {
            *(row["id"] for row in finished.rows),
            *(row["id"] for row in finished.attempts),
            *(one["source"] for one in finished.transfers),
        } != {finished.call_id}:
            raise ValueError("Rows and transfers of a finished call carry its own id.")
        status: str = await self._settle.put(finished, ("settle", finished.call_id))
        return status

    async def find(self, name: Name, started_at: datetime | None = None) -> Found:
        """What is known of a call. With `started_at` an old call is found after its name has been forgotten."""
        found: Found = await self._settle.put((name, started_at), ("find", name), 5.0)
        return found

    async def seen(self, call_id: int, state: str, answered_at: datetime | None = None) -> None:
        """For the screen: a live call was seen trying, ringing, answered or ended. May come late or twice."""
        await self._settle.put(Seen(call_id, state, answered_at), object(), 5.0)

    # -- connections ---------------------------------------------------------------------------------------------------

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        connection = await psycopg.AsyncConnection.connect(
            self._conninfo,
            autocommit=True,
            prepare_threshold=0,
            connect_timeout=5,
            options=OPTIONS,
            application_name="tandem till",
        )
        connection.adapters.register_dumper(int, Int8BinaryDumper)
        return connection

    async def _connect_minting(self) -> psycopg.AsyncConnection[Any]:
        """A connection that holds a minter's number for as long as it lives."""
        connection = await self._connect()
        for number in range(MINTERS - 1):
            cursor = await connection.execute("select pg_try_advisory_lock(7302, %s::int)", [number])
            if (await cursor.fetchone() or (False,))[0]:
                self._minter = Minter(number)
                return connection
        await connection.close()
        raise psycopg.OperationalError("every minter's number is taken")

    def _stop_minting(self) -> None:
        self._minter = None

    async def _publish(self, cursor: psycopg.AsyncCursor[Any]) -> None:
        now = asyncio.get_running_loop().time()
        if self._changed and now >= self._published_at + self._publish_every:
            changed, self._changed, self._published_at = list(self._changed), set(), now
            await cursor.execute("select calls_publish(%s::bigint[])", [changed])

    # -- batches -------------------------------------------------------------------------------------------------------

    async def _run_decide(self, cursor: psycopg.AsyncCursor[Any], batch: list[Admission]) -> list[Admitted]:
        calls = [
            {
                "id": one.call_id,
                "uuid": one.name.uuid,
                "node": one.name.node,
                "boot": one.name.boot,
                "operator_id": one.operator_id,
                "labels": one.labels,
                "chain": one.chain,
                "answer": one.answer,
                "granted_seconds": one.granted_seconds,
                "deadline_at": one.expires_at,
            }
            for one in batch
        ]
        await cursor.execute(
            DECIDE,
            [
                _json([_name(one.call_id, one.name) for one in batch]),
                _json(calls),
                _array(one.call_id for one in batch),
                _array(f'"{one.expires_at}"' for one in batch),
                *_legs([one.holds for one in batch]),
            ],
        )
        results: list[Admitted] = [Admitted("held", 0)] * len(batch)
        for nth, status, call_id, short_account, free, answer in await cursor.fetchall():
            one = batch[nth - 1]
            # Our own id found again: this very admission was held, and the answer to it got lost on the way.
            if status == "held" or (status == "repeated" and call_id == one.call_id):
                results[nth - 1] = Admitted("held", one.call_id, one.answer)
                self._changed.update(map(int, one.labels))
            else:
                available = dict(zip(one.holds, free, strict=True)) if free is not None else {}
                results[nth - 1] = Admitted(status, call_id, answer, short_account, available)
        return results

    async def _run_settle(self, cursor: psycopg.AsyncCursor[Any], batch: list[Any]) -> list[Any]:
        """Each kind in one statement, which is one transaction: extends first, while their calls are still there."""
        results: dict[int, Any] = {}
        run: Any
        for kind, run in (
            (Extension, self._extend_many),
            (Finished, self._settle_many),
            (Seen, self._see_many),
            (tuple, self._find_many),
        ):
            some: list[tuple[int, Any]] = [(at, one) for at, one in enumerate(batch) if isinstance(one, kind)]
            if some:
                answers = await run(cursor, [one for _, one in some])
                results.update(zip((at for at, _ in some), answers, strict=True))
        return [results[at] for at in range(len(batch))]

    async def _extend_many(self, cursor: psycopg.AsyncCursor[Any], batch: list[Extension]) -> list[Extended]:
        await cursor.execute(
            EXTEND,
            [
                _array(one.call_id for one in batch),
                _array(one.granted_seconds for one in batch),
                _array(f'"{one.expires_at}"' for one in batch),
                *_legs([one.holds for one in batch]),
            ],
        )
        return [
            Extended(status, granted, dict(zip(batch[nth - 1].holds, free, strict=True)) if free is not None else {})
            for nth, status, granted, free in await cursor.fetchall()
        ]

    async def _settle_many(self, cursor: psycopg.AsyncCursor[Any], batch: list[Finished]) -> list[str]:
        names = [_name(one.call_id, one.name) for one in batch if one.name is not None]
        await cursor.execute(
            SETTLE,
            [
                _json(names),
                *_documents(batch),
                _array(one.call_id for one in batch),
                _array(one.fingerprint for one in batch),
                *_moves([move for one in batch for move in one.transfers]),
            ],
        )
        statuses: dict[int, str] = dict(await cursor.fetchall())
        for one in batch:
            if statuses[one.call_id] == "settled":
                self._changed.update(row["operator_id"] for row in one.rows)
            elif statuses[one.call_id] == "differs" and one.correct:
                await cursor.execute(CORRECT, [one.call_id, *_documents([one]), _json(one.transfers)])
                (statuses[one.call_id],) = await cursor.fetchone() or ("unknown",)
        return [statuses[one.call_id] for one in batch]

    async def _see_many(self, cursor: psycopg.AsyncCursor[Any], batch: list[Seen]) -> list[None]:
        await cursor.execute(
            SEEN, [[one.call_id for one in batch], [one.state for one in batch], [one.answered_at for one in batch]]
        )
        return [None] * len(batch)

    async def _find_many(self, cursor: psycopg.AsyncCursor[Any], batch: list[tuple[Name, Any]]) -> list[Found]:
        names = [name for name, _ in batch]
        await cursor.execute(
            FIND, [[n.node for n in names], [n.boot for n in names], [n.uuid for n in names], [at for _, at in batch]]
        )
        rows = sorted(await cursor.fetchall())
        found: list[list[Any]] = [[*row[1:-1], tuple(row[-1] or ())] for row in rows]
        return [Found(*values) for values in found]


def _legs(holds: Sequence[Mapping[int, Decimal]]) -> list[str]:
    """Arrays: the distinct accounts ascending; for each leg its call, its account's place in that list, its amount."""
    accounts = sorted({account for one in holds for account in one})
    place = {account: at for at, account in enumerate(accounts, 1)}
    legs = [(nth, place[account], amount) for nth, one in enumerate(holds, 1) for account, amount in one.items()]
    return [_array(accounts), *(_array(leg[at] for leg in legs) for at in range(3))]


def _moves(transfers: list[Mapping[str, Any]]) -> list[str]:
    """Arrays: the distinct accounts ascending; source, part, kind, the places of both accounts, amount of each."""
    accounts = sorted({one[side] for one in transfers for side in ("debit", "credit")})
    place = {account: at for at, account in enumerate(accounts, 1)}
    return [
        _array(accounts),
        _array(one["source"] for one in transfers),
        _array(one["part"] for one in transfers),
        _array(one["kind"] for one in transfers),
        _array(place[one["debit"]] for one in transfers),
        _array(place[one["credit"]] for one in transfers),
        _array(one["amount"] for one in transfers),
    ]


def _array(values: Iterable[object]) -> str:
    """A PostgreSQL array of numbers or quoted instants, as text: several times quicker than the driver's own."""
    return "{" + ",".join(map(str, values)) + "}"


def _documents(batch: list[Finished]) -> list[str]:
    heads = [{**one.rows[0], "fingerprint": one.fingerprint} for one in batch]
    return [
        _json(heads),
        _json([row for one in batch for row in one.rows[1:]]),
        _json([row for one in batch for row in one.attempts]),
    ]


def _name(call_id: int, name: Name) -> dict[str, Any]:
    return {"id": call_id, "uuid": name.uuid, "node": name.node, "boot": name.boot}


def _json(content: Any) -> str:
    """Raises ValueError for text that the database could not give back."""
    text = orjson.dumps(content, _plain).decode()
    if "\\u0000" in text:
        raise ValueError("A text holds a zero character.")
    return text


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} can't be written as JSON")
