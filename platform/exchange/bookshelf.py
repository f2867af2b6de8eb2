"""The books every decision reads, kept up with their operators' changes.

A change raises the operator's version in the database and notifies; the shelf asks the builder for the new book and
maps its file. Notifications get lost with a connection, so versions are compared every few seconds too. An operator
whose book is known to be behind for longer than STALE_SECONDS gets no calls until it is current again: a price or a
block that was changed must not be ignored for long.
"""

from __future__ import annotations

import asyncio
import mmap
import os
import sys
import time
from pathlib import Path

import psycopg
import structlog

from telecom.book import Book, Books
from telecom.bookfile import decode

STALE_SECONDS = 30
COMPARE_SECONDS = 5
# The largest book takes seconds to build; a builder that says nothing for so long waits for something that never comes.
HANGS_SECONDS = 60
log = structlog.get_logger()


class Bookshelf:
    """`books` is what decisions read; `is_current(operator)` says whether they may."""

    def __init__(self, dsn: dict, folder: Path) -> None:
        self.dsn, self.folder = dsn, folder
        self.books = Books()
        self._behind_since: dict[int, float] = {}
        self._compared_at = 0.0
        self._asked: set[int] = set()
        self._again: set[int] = set()
        self._failed: set[int] = set()
        self._heard_at = 0.0
        self._builder: asyncio.subprocess.Process | None = None
        self._tasks: list[asyncio.Task] = []
        self.filled = asyncio.Event()

    async def start(self) -> None:
        """Map the files that are there, then build what is missing or behind.

        Returns when every operator is current, or can't be built now: one whose rows make no book must not keep the
        others from calling.
        """
        async with await psycopg.AsyncConnection.connect(**self.dsn, autocommit=True) as connection:
            cursor = await connection.execute("select oid::text from pg_database where datname = current_database()")
            # A database that was restored, or made anew under the old name, counts its versions again.
            self.folder /= (await cursor.fetchone() or ("0",))[0]
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in sorted(self.folder.glob("op_*.book"), key=_version_of):
            try:
                self._take(path)
            except (ValueError, OSError):
                path.unlink(missing_ok=True)  # of an older format: it is built again
        for path in self.folder.glob("op_*.*"):
            if path.suffix != ".book" and time.time() - path.stat().st_mtime > 3600:
                path.unlink(missing_ok=True)  # what a builder left that was killed
        self._tasks = [asyncio.create_task(self._keep_building()), asyncio.create_task(self._keep_watching())]
        await self.filled.wait()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._builder and self._builder.returncode is None:
            self._builder.terminate()
            await self._builder.wait()

    def is_current(self, operator_id: int) -> bool:
        """False once the operator's book is behind for too long, or when nobody could compare for as long."""
        now = time.monotonic()
        if now - self._compared_at > STALE_SECONDS:
            return False
        since = self._behind_since.get(operator_id)
        return since is None or now - since <= STALE_SECONDS

    # -- Watching ----------------------------------------------------------------------------------------------------

    async def _keep_watching(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**self.dsn, autocommit=True) as connection:
                    await connection.execute("listen books")
                    while True:
                        await self._compare(connection)
                        async for _ in connection.notifies(timeout=COMPARE_SECONDS, stop_after=1):
                            pass
            except (psycopg.Error, OSError, TimeoutError) as error:
                log.warning("books can't be compared", error=str(error))
                await asyncio.sleep(0.5)

    async def _compare(self, connection: psycopg.AsyncConnection) -> None:
        async with asyncio.timeout(COMPARE_SECONDS):
            cursor = await connection.execute(
                "select o.id, coalesce(v.version, 0) from tenants_operator o"
                " left join tenants_bookversion v on v.operator_id = o.id where o.state <> 'closed'"
            )
            wanted: dict[int, int] = dict(await cursor.fetchall())
        have = self.books.versions()
        for operator_id in (set(have) | set(self._behind_since)) - set(wanted):
            self.books.drop(operator_id)
            self._behind_since.pop(operator_id, None)
        now = time.monotonic()
        for operator_id, version in wanted.items():
            if have.get(operator_id) != version:
                self._behind_since.setdefault(operator_id, now)
                self._ask(operator_id)
        self._compared_at = now
        self._note_filled()
        if self._asked and self._builder and now - self._heard_at > HANGS_SECONDS:
            log.error("the book builder hangs", operators=sorted(self._asked)[:10])
            self._builder.kill()  # it is started again and asked again

    def _note_filled(self) -> None:
        if not set(self._behind_since) - self._failed:
            self.filled.set()

    # -- Building ----------------------------------------------------------------------------------------------------

    def _ask(self, operator_id: int) -> None:
        if self._builder is None or self._builder.stdin is None:
            return
        if operator_id in self._asked:
            self._again.add(operator_id)
            return
        if not self._asked:
            self._heard_at = time.monotonic()
        self._asked.add(operator_id)
        self._builder.stdin.write(f"{operator_id}\n".encode())

    async def _keep_building(self) -> None:
        while True:
            self._builder = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "exchange.build_books", str(self.folder),
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},  # our own packages, installed or not
            )  # fmt: skip
            self._asked.clear()
            assert self._builder.stdout is not None
            try:
                for operator_id in list(self._behind_since):
                    self._ask(operator_id)
                while line := await self._builder.stdout.readline():
                    self._heard_at = time.monotonic()
                    try:
                        self._built(line.decode().strip())
                    except (ValueError, OSError) as error:
                        # Another exchange may have put a newer one in its place already: ask again.
                        log.warning("a book can't be taken", line=line[:200], error=str(error))
            finally:
                if self._builder.returncode is None:
                    self._builder.kill()
            log.warning("the book builder ended", code=await self._builder.wait())
            await asyncio.sleep(0.5)

    def _built(self, line: str) -> None:
        if line == "ready":
            return
        number, _, answer = line.partition(" ")
        operator_id = int(number)
        self._asked.discard(operator_id)
        if answer.startswith("!"):
            log.error("a book could not be built", operator=operator_id, error=answer[2:])
            self._failed.add(operator_id)
            self._note_filled()
            return  # it stays behind, and is asked for again at the next comparison
        if answer == "-":
            self.books.drop(operator_id)
        else:
            self._take(Path(answer))
        self._failed.discard(operator_id)
        self._behind_since.pop(operator_id, None)
        if operator_id in self._again:
            self._again.discard(operator_id)
            self._behind_since.setdefault(operator_id, time.monotonic())
            self._ask(operator_id)
        self._note_filled()

    def _take(self, path: Path) -> None:
        with open(path, "rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        book: Book = decode(memoryview(mapped))
        self.books.put(book)
        for other in self.folder.glob(f"op_{book.operator.id}.*.book"):
            # What another exchange has mapped lives on without its name.
            if _version_of(other) < book.version:
                other.unlink(missing_ok=True)


def _version_of(path: Path) -> int:
    return int(path.name.split(".")[1])
