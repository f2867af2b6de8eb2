"""Which operator and user a websocket is for: its host and cookie, once, at the handshake."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.http.cookie import parse_cookie
from django.utils.crypto import constant_time_compare

from portal.people.middleware import SESSION_OPERATOR
from portal.people.models import User
from tenants.context import in_operator, leave_operator
from tenants.lookup import normalised_host, operator_for_host
from tenants.models import Operator


class InOperator:
    """ASGI middleware for websockets: sets scope["operator"] and scope["user"], or refuses the handshake.

    There is no ambient operator in asynchronous code: every look into the database names its own.
    """

    def __init__(self, inner: Callable[..., Awaitable[Any]]) -> None:
        self.inner = inner

    async def __call__(self, scope, receive, send):
        headers = dict(scope["headers"])
        host, origin = headers.get(b"host", b"").decode(), headers.get(b"origin", b"").decode()
        found = None
        # A page of another host must not speak here with this host's cookie; nor may anything that hides where it is.
        if host and urlsplit(origin).netloc == host:
            cookie = parse_cookie(headers.get(b"cookie", b"").decode()).get(settings.SESSION_COOKIE_NAME, "")
            found = await database_sync_to_async(who)(normalised_host(host), cookie)
        if found is None:
            await send({"type": "websocket.close", "code": 4403})
            return None
        scope["operator"], scope["user"], scope["session_key"] = found
        return await self.inner(scope, receive, send)


def who(host: str, session_key: str) -> tuple[Operator, User, str] | None:
    """The signed-in user of the operator at `host`; None when there is none."""
    leave_operator()
    operator = operator_for_host(host)
    if operator is None or not session_key:
        return None
    user = user_of_session(operator, session_key)
    return (operator, user, session_key) if user else None


def user_of_session(operator: Operator, session_key: str) -> User | None:
    """Whose session this is, in this operator and still good. Asked again while a socket is open."""
    with in_operator(operator):
        session = SessionStore(session_key)
        if session.get(SESSION_OPERATOR) != operator.pk or BACKEND_SESSION_KEY not in session:
            return None
        user = User.objects.filter(pk=session[SESSION_KEY], is_active=True).first()
        if user and constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
            return user
    return None
