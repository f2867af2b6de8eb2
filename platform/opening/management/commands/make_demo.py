"""`tandem make_demo`: the demo's operators, once. Passwords and the simulator's settings go into the data directory."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

from opening.demo_world import make_world

USERS = ("olga", "petra", "rita", "carla", "ben", "dan")


class Command(BaseCommand):
    help = "Open the demo's operators."

    def handle(self, *args, **options):
        folder: Path = settings.DATA
        passwords = {name: f"{name}-{secrets.token_hex(4)}" for name in USERS}
        made = make_world(settings.BASE_DOMAIN, passwords)
        write_secret(folder / "node.secret", made.node_token)
        write_secret(folder / "demo.json", json.dumps({"passwords": passwords, "callers": made.callers}, indent=1))


def write_secret(path: Path, text: str) -> None:
    """A file only its owner can read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
