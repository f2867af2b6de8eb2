"""A proxy in front of PostgreSQL's socket that can be closed, opened, frozen and thawed."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from pathlib import Path


class Proxy:
    """Listens in `folder` as PostgreSQL would. Runs in a thread of its own."""

    def __init__(self, target: str) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="tandem-proxy-")
        self.path, self.target = Path(self.folder.name) / ".s.PGSQL.5432", target
        self._loop = asyncio.new_event_loop()
        self._flows: asyncio.Event | None = None
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._do(self._open())

    def close(self) -> None:
        """As if the server were gone: connections end, new ones are refused."""
        self._do(self._shut())

    def open(self) -> None:
        self._do(self._open())

    def freeze(self) -> None:
        """Connections stay and are even accepted, but nothing moves."""
        self._do(self._flow(False))

    def thaw(self) -> None:
        self._do(self._flow(True))

    def stop(self) -> None:
        self.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self.folder.cleanup()

    def _do(self, work) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _open(self) -> None:
        self._flows = asyncio.Event()
        self._flows.set()
        self._server = await asyncio.start_unix_server(self._serve, self.path)

    async def _shut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        self.path.unlink(missing_ok=True)
        for writer in list(self._writers):
            writer.transport.abort()

    async def _flow(self, on: bool) -> None:
        assert self._flows is not None
        (self._flows.set if on else self._flows.clear)()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            above, below = await asyncio.open_unix_connection(self.target)
            self._writers.add(below)
            await asyncio.gather(self._pump(reader, below), self._pump(above, writer))
        except OSError:
            pass
        finally:
            writer.transport.abort()
            self._writers.discard(writer)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                assert self._flows is not None
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.transport.abort()
            self._writers.discard(writer)
