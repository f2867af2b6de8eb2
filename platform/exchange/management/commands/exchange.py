"""`tandem exchange`: one call engine with its HTTP face, until it is told to stop."""

from __future__ import annotations

import uvicorn
import uvloop
from django.conf import settings
from django.core.management.base import BaseCommand

from exchange.collector import keep_quiet
from exchange.engine import Engine
from exchange.face import application
from exchange.nodes import Nodes
from tenants.startup import refuse_open_doors


class Command(BaseCommand):
    help = "Run the call engine."
    # The checks import every page; the engine has none, and starts quicker without.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8010)

    def handle(self, *args, host: str, port: int, **options):
        refuse_open_doors()
        uvloop.run(serve(host, port))


async def serve(host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM; then finish what waits."""
    place = settings.DATABASES["default"]
    wanted = {"host": "HOST", "port": "PORT", "dbname": "NAME", "user": "USER", "password": "PASSWORD"}
    dsn = {key: place[name] for key, name in wanted.items() if place[name]}
    engine = Engine(dsn, settings.DATA / "books" / place["NAME"])
    await engine.start()
    keep_quiet()
    try:
        app = application(engine, Nodes(dsn), settings.EXCHANGE_KEY)
        config = uvicorn.Config(
            app, host=host, port=port, log_level="warning", access_log=False, server_header=False, date_header=False,
            timeout_graceful_shutdown=3,
        )  # fmt: skip
        await uvicorn.Server(config).serve()
    finally:
        await engine.stop()
