"""One Asterisk on loopback: its directory, its process, its end."""

from __future__ import annotations

import ctypes
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from switch_adapters.asterisk.layout import Layout, Ports, write_static
from switch_adapters.lab.fetch import Installation

_libc = ctypes.CDLL(None)


def free_ports(count: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> list[int]:
    """Ports that nobody listens on now; held together while they are chosen, so that no two are the same."""
    held: list[socket.socket] = []
    while len(held) < count:
        tcp = socket.socket(socket.AF_INET, kind)
        tcp.bind(("127.0.0.1", 0))
        held.append(tcp)
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def die_with_parent() -> None:
    """For preexec_fn: a lab's process never outlives the test that started it, even one killed by force."""
    _libc.prctl(1, signal.SIGKILL)


class AsteriskProcess:
    """In a directory of its own. `stop` ends it politely, `kill` at once, `start` starts it again in the same one."""

    def __init__(self, installation: Installation, agent_port: int, rtp_ports: int = 4000) -> None:
        self.installation = installation
        name = f"lab-{secrets.token_hex(4)}"
        home = installation.root / "srv" / "tandem-lab" / name
        home.mkdir(parents=True)
        (ami,) = free_ports(1)
        (sip,) = free_ports(1, socket.SOCK_DGRAM)
        start = (
            10_000 + secrets.randbelow(5) * 4000
        )  # below the ports that the system hands out; a taken one is skipped
        self.layout = Layout(
            home=home,
            inside=installation.inside(home),
            modules=installation.modules,
            ports=Ports(sip=sip, ami=ami, agent=agent_port, rtp_start=start, rtp_end=start + rtp_ports - 1),
        )
        write_static(self.layout)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, seconds: float = 20) -> None:
        """Returns when AMI answers. Raises RuntimeError with the end of Asterisk's log."""
        output = (self.layout.home / "log" / "console").open("ab")
        self.process = subprocess.Popen(
            self.installation.command("-f", "-C", self.layout.main_file),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=die_with_parent,
        )
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.process.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", self.layout.ports.ami), 1) as link:
                    link.settimeout(1)
                    if link.recv(32).startswith(b"Asterisk Call Manager"):
                        self.rasterisk("core waitfullybooted")
                        return
            except OSError:
                pass
            time.sleep(0.1)
        raise RuntimeError(f"Asterisk did not start:\n{self.log()[-2000:]}")

    def rasterisk(self, command: str) -> str:
        """Run one CLI command and return what it prints."""
        done = subprocess.run(
            self.installation.command("-C", self.layout.main_file, "-rx", command), capture_output=True, text=True
        )
        return done.stdout + done.stderr

    def log(self) -> str:
        texts: Iterable[Path] = (self.layout.home / "log" / name for name in ("console", "messages.log"))
        return "\n".join(text.read_text(errors="replace") for text in texts if text.exists())

    def kill(self) -> None:
        """As a power cut would, for this process."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
            self.process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.layout.home, ignore_errors=True)
