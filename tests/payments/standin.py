"""The stand-in as a process of its own, and what a test tells it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import stripe

ROOT = Path(__file__).resolve().parents[2]
KEY, SECRET = "sk_test_standin", "whsec_standin"


class Standin:
    def __init__(self, port: int, process: subprocess.Popen) -> None:
        self.port, self.process = port, process
        self.base = f"http://127.0.0.1:{port}"
        self.client = stripe.StripeClient(KEY, base_addresses={"api": self.base}, max_network_retries=0)

    def control(self, **wanted: Any) -> dict[str, Any]:
        return httpx.post(f"{self.base}/_control", json=wanted).json()

    def flush(self, **how: Any) -> list[int]:
        return httpx.post(f"{self.base}/_flush", json=how, timeout=60).json()

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        return self._said(self.client.raw_request("get", path, **params))

    def post(self, path: str, **params: Any) -> dict[str, Any]:
        return self._said(self.client.raw_request("post", path, **params))

    def delete(self, path: str) -> dict[str, Any]:
        return self._said(self.client.raw_request("delete", path))

    def events(self) -> list[dict[str, Any]]:
        """In the order in which they happened."""
        return list(reversed(self.get("/v1/events", limit=1000)["data"]))

    def pay(self, url: str, card: str = "pm_card_visa") -> httpx.Response:
        """What the buyer does on the page."""
        assert httpx.get(url).status_code == 200
        return httpx.post(url, data={"card": card})

    @staticmethod
    def _said(answer: Any) -> dict[str, Any]:
        import json

        return json.loads(answer.body)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def standing_in(port: int | None = None) -> Iterator[Standin]:
    number = port or free_port()
    command = [sys.executable, "-m", "payments.standin", "--port", str(number), "--key", KEY, "--secret", SECRET]
    process = subprocess.Popen(command, cwd=ROOT / "platform")
    try:
        for _ in range(200):
            if process.poll() is not None:
                raise RuntimeError("The stand-in does not start.")
            try:
                httpx.get(f"http://127.0.0.1:{number}/v1/nothing")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield Standin(number, process)
    finally:
        process.kill()
        process.wait()
