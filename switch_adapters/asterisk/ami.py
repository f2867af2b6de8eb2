"""A small client for Asterisk's manager interface: actions and their answers, lists included; no events."""

from __future__ import annotations

import asyncio
import contextlib
import itertools

Message = dict[str, str]


class AmiError(RuntimeError):
    """Asterisk refused an action, or the link is gone."""


class AmiClient:
    """One logged-in connection. `closed` is set when it ends; every action waiting then fails with AmiError."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[list[Message]]] = {}
        self._lists: dict[str, list[Message]] = {}
        self.closed = asyncio.Event()
        self._task = asyncio.create_task(self._read())

    @classmethod
    async def connect(cls, port: int, user: str, secret: str, seconds: float = 5.0) -> AmiClient:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
            try:
                greeting = await reader.readline()
                if not greeting.startswith(b"Asterisk Call Manager"):
                    raise AmiError("what answers there is not Asterisk's manager")
                client = cls(reader, writer)
            except BaseException:
                writer.close()
                raise
            await client.action("Login", Username=user, Secret=secret, Events="off")
            return client

    async def action(self, name: str, /, **headers: str) -> Message:
        """Raises AmiError when it is refused or not answered in 5 s."""
        return (await self._send(name, headers))[0]

    async def rows(self, name: str, /, **headers: str) -> list[Message]:
        """The rows of an action that answers with a list."""
        return [one for one in (await self._send(name, headers))[1:] if "EventList" not in one]

    async def _send(self, name: str, headers: dict[str, str]) -> list[Message]:
        if self.closed.is_set():
            raise AmiError("the link to Asterisk is gone")
        number = str(next(self._numbers))
        lines = [f"Action: {name}", f"ActionID: {number}"]
        for key, value in headers.items():
            if any(mark in value for mark in "\r\n\0"):
                raise AmiError(f"{key} has a line end in it")
            lines.append(f"{key}: {value}")
        future = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        try:
            async with asyncio.timeout(5):
                found: list[Message] = await future
        except TimeoutError:
            raise AmiError(f"{name} was not answered") from None
        finally:
            self._waiting.pop(number, None)
            self._lists.pop(number, None)
        if found[0].get("Response") != "Success":
            raise AmiError(f"{name}: {found[0].get('Message', 'refused')}")
        return found

    async def _read(self) -> None:
        message: Message = {}
        try:
            while line := await self._reader.readline():
                text = line.decode(errors="replace").rstrip("\r\n")
                if text:
                    key, _, value = text.partition(": ")
                    message[key] = value
                elif message:
                    self._take(message)
                    message = {}
        except (OSError, ValueError):
            pass
        finally:
            self.closed.set()
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(AmiError("the link to Asterisk broke"))
            self._writer.close()

    def _take(self, message: Message) -> None:
        number = message.get("ActionID", "")
        future = self._waiting.get(number)
        if future is None or future.done():
            return
        rows = self._lists.setdefault(number, [])
        rows.append(message)
        listing = message.get("EventList", "").lower()
        if ("Response" in message and listing != "start") or listing in ("complete", "cancelled"):
            future.set_result(rows)

    async def close(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
