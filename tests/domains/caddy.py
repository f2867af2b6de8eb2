"""Debian's Caddy with the project's Caddyfile and its internal CA, on loopback ports."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Caddy:
    https: int
    http: int
    storage: Path

    @property
    def authority(self) -> Path:
        return self.storage / "pki/authorities/local/root.crt"

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.authority))

    def connect(self, host: str, offered: list[str] | None = None) -> ssl.SSLSocket:
        """A TLS connection as a browser at `host` has it: checked against the name. Raises ssl.SSLError."""
        context = self.trust()
        if offered:
            context.set_alpn_protocols(offered)
        plain = socket.create_connection(("127.0.0.1", self.https), timeout=15)
        try:
            return context.wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def caddy(web: int, key: str, place: Path) -> Iterator[Caddy]:
    """Runs until the block ends. `place` gets certificates and the log."""
    running = Caddy(free_port(), free_port(), place / "caddy")
    environ = os.environ | {
        "TANDEM_WEB": f"127.0.0.1:{web}", "TANDEM_CERTIFICATE_KEY": key, "TANDEM_ISSUER": "internal",
        "TANDEM_BIND": "127.0.0.1", "TANDEM_HTTP_PORT": str(running.http), "TANDEM_HTTPS_PORT": str(running.https),
        "TANDEM_CADDY_STORAGE": str(running.storage), "HOME": str(place), "XDG_CONFIG_HOME": str(place),
        "XDG_DATA_HOME": str(place),
    }  # fmt: skip
    program = shutil.which("caddy")
    assert program
    command = [program, "run", "--config", str(ROOT / "deploy/Caddyfile"), "--adapter", "caddyfile"]
    with (place / "caddy.log").open("w") as said:
        process = subprocess.Popen(command, env=environ, stdout=said, stderr=subprocess.STDOUT)
    try:
        for _ in range(150):
            if process.poll() is not None or running.authority.exists():
                break
            time.sleep(0.1)
        if process.poll() is not None or not running.authority.exists():
            raise RuntimeError(f"Caddy does not run:\n{(place / 'caddy.log').read_text()[-3000:]}")
        yield running
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
