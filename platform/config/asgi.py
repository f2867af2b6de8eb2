"""The web process: pages by Django, websockets by Channels."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
pages = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path  # noqa: E402

from portal.live.consumers import LiveCalls  # noqa: E402
from portal.live.scope import InOperator  # noqa: E402

sockets = InOperator(URLRouter([path("live/", LiveCalls.as_asgi())]))
application = ProtocolTypeRouter({"http": pages, "websocket": sockets})
