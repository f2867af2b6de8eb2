"""A whole exchange as it runs in production, with its HTTP face, on a database of its own with fsync on."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Face:
    """Where it is, the node's token, SIP identities of a reseller's and a PRO's customer, numbers they may call."""

    url: str
    token: str
    identities: list[str]
    numbers: list[str]


@contextmanager
def exchange() -> Iterator[Face]:
    """Migrates, opens the owner and two operators, starts the process, and leaves nothing behind."""
    with TemporaryDirectory(prefix="tandem-bench-") as home:
        Path(home).chmod(0o755)
        # The secrets are this installation's own, so this must be known before anything of ours is imported.
        environment = os.environ | {
            "TANDEM_DATA": home, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "platform")]),
        }  # fmt: skip
        with _running("bench/stock.py", "serve", environment=environment) as database:
            line = database.stdout.readline() if database.stdout else ""
            if line.strip() != "ready":
                raise RuntimeError("the database of the HTTP bench did not start")
            opener = environment | {"TANDEM_OPENS_OPERATORS": "1"}
            for script in (["manage.py", "migrate", "-v", "0"], ["tests/build_base.py"]):
                subprocess.run([sys.executable, *script], cwd=ROOT, env=opener, check=True)
            stocked = subprocess.run(
                [sys.executable, "bench/stock.py", "stock"],
                cwd=ROOT, env=opener, check=True, capture_output=True, text=True,
            )  # fmt: skip
            found = json.loads(stocked.stdout.splitlines()[-1])
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            url = f"http://127.0.0.1:{port}"
            engine = environment | {"TANDEM_ROLE": "engine"}
            with _running("manage.py", "exchange", "--port", str(port), environment=engine) as process:
                _wait_for(url, process)
                yield Face(url, found["token"], found["identities"], found["numbers"])


@contextmanager
def _running(*command: str, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _wait_for(url: str, process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            httpx.get(url, timeout=1, trust_env=False)
            return
        except httpx.TransportError:
            if process.poll() is not None:
                break
            time.sleep(0.05)
    raise RuntimeError("the exchange of the HTTP bench did not start")
