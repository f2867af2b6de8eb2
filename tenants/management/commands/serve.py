"""`tandem serve`: the web process (pages and websockets)."""

from __future__ import annotations

import uvicorn
from django.core.management.base import BaseCommand

from tenants.startup import refuse_open_doors


class Command(BaseCommand):
    help = "Serve pages and websockets."

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args, host: str, port: int, **options):
        refuse_open_doors()
        uvicorn.run(
            "config.asgi:application", host=host, port=port, log_level="warning", access_log=False, server_header=False,
            timeout_graceful_shutdown=3,
        )  # fmt: skip
