"""A real web process on a loopback port, on the database the test is pointed at."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def served(log: Path) -> Iterator[int]:
    """Serves config.asgi until the block ends; gives the port. `log` gets what the process says."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ours = ("TANDEM_OPENS_OPERATORS", "DJANGO_ALLOW_ASYNC_UNSAFE")
    environ = {name: value for name, value in os.environ.items() if name not in ours}
    environ |= {
        "PORT": str(port),
        "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "config.asgi:application",
        "--port",
        str(port),
        "--log-level",
        "warning",
    ]
    with log.open("w") as said:
        web = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=said, stderr=subprocess.STDOUT)
    try:
        _wait(web, port, log)
        yield port
    finally:
        web.terminate()
        try:
            web.wait(10)
        except subprocess.TimeoutExpired:
            web.kill()
            web.wait()


def _wait(web: subprocess.Popen, port: int, log: Path) -> None:
    for _ in range(300):
        if web.poll() is not None:
            break
        try:
            if httpx.get(f"http://127.0.0.1:{port}/sign-in/", headers={"host": "acme.localhost"}).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"The web process does not answer:\n{log.read_text()[-3000:]}")
