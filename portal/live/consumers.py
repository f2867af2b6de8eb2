"""The websocket of live calls: tells a page that its figures changed, at most twice a second, and only its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from typing import Any

import structlog
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError, connection

from portal.history.visible import live_visible_to
from portal.live.scope import user_of_session
from portal.people.models import User
from tenants.context import in_operator
from tenants.lookup import operator_by_id
from tenants.models import Operator

PAUSE_SECONDS = 0.5
RECHECK_SECONDS = 60.0
SIGNED_OUT = 4401
BROKEN = 1011
log = structlog.get_logger()


class LiveCalls(AsyncWebsocketConsumer):
    """Messages as theme/static/theme/js/live.js reads them. An event only says that something happened at the operator;
    what of it this user may know is looked up, and nothing is sent when nothing of that changed."""

    async def connect(self) -> None:
        self.operator: Operator = self.scope["operator"]
        self.user: User = self.scope["user"]
        self.group = f"operator-{self.operator.pk}"
        self.shown: object = None
        self.dirty = asyncio.Event()
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        self.dirty.set()
        self.tasks = [asyncio.create_task(self._or_close(work)) for work in (self._push(), self._recheck())]

    async def disconnect(self, code: int) -> None:
        for task in getattr(self, "tasks", ()):
            task.cancel()
        if hasattr(self, "group"):
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Pages have nothing to say here."""

    async def live_event(self, event: dict[str, Any]) -> None:
        self.dirty.set()

    async def _or_close(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except DatabaseError as error:
            # The page comes back by itself and looks again.
            log.warning("a live page is let go", error=str(error), operator=self.operator.pk)
            await self.close(BROKEN)

    async def _push(self) -> None:
        while True:
            await self.dirty.wait()
            self.dirty.clear()
            seen = await database_sync_to_async(seen_by)(self.operator, self.user)
            # The first look is what the page shows already.
            if seen != self.shown:
                changed = [] if self.shown is None else ["calls"]
                self.shown = seen
                await self.send(json.dumps({"text": {"calls_now": str(len(seen))}, "changed": changed}))
            await asyncio.sleep(PAUSE_SECONDS)

    async def _recheck(self) -> None:
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            user = await database_sync_to_async(still_signed_in)(self.operator, self.scope["session_key"])
            if user is None or user.pk != self.user.pk:
                await self.close(SIGNED_OUT)
                return
            # Whose eyes they are may have changed too.
            self.user = user


def seen_by(operator: Operator, user: User) -> frozenset[tuple[int, str]]:
    """The live calls that this user may see, each with its state."""
    with in_operator(operator):
        return frozenset(live_visible_to(user).values_list("id", "state"))


def still_signed_in(operator: Operator, session_key: str) -> User | None:
    connection.set_schema_to_public()
    now = operator_by_id(operator.pk)
    return user_of_session(now, session_key) if now and now.state != Operator.State.CLOSED else None
