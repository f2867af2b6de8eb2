"""An agent as a process of its own, so that it can be killed as a process is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from switch_adapters.asterisk.layout import Layout, write_private
from switch_adapters.lab.asterisk import die_with_parent

HERE = Path(__file__).resolve().parents[2]


class AgentProcess:
    """`home` is its own directory for secrets and state; `options` override settings of the configuration file."""

    def __init__(self, home: Path, layout: Layout, exchanges: list[str], bearer: str, **options: float) -> None:
        self.home = home
        self.layout = layout
        home.mkdir(parents=True, exist_ok=True)
        write_private(home / "node.secret", bearer)
        write_private(home / "ami-calls.secret", layout.calls_secret)
        write_private(home / "ami-reload.secret", layout.reload_secret)
        settings: dict[str, Any] = {
            "exchanges": exchanges,
            "secret_file": str(home / "node.secret"),
            "state": str(home / "agent.sqlite"),
            "port": layout.ports.agent,
            "etc": str(layout.etc),
            "cel": str(layout.cel),
            "ami_port": layout.ports.ami,
            "ami_calls_secret_file": str(home / "ami-calls.secret"),
            "ami_reload_secret_file": str(home / "ami-reload.secret"),
            **options,
        }
        lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
        write_private(home / "agent.toml", "\n".join(lines) + "\n")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, provisioned: bool = True, seconds: float = 20) -> None:
        """Returns when it answers and knows its Asterisk and, unless told otherwise, has provisioned it."""
        output = (self.home / "agent.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "switch_adapters.agent", "--config", str(self.home / "agent.toml")],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=HERE,
            env={**os.environ, "PYTHONPATH": str(HERE)},
            preexec_fn=die_with_parent,
        )
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.process.poll() is None:
            health = self.health()
            if health and health["boot"] and (health["provisioned"] or not provisioned):
                return
            time.sleep(0.05)
        raise RuntimeError(f"the agent did not get ready:\n{self.log()[-3000:]}")

    def health(self) -> dict[str, Any] | None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.layout.ports.agent}/health", timeout=2) as answer:  # noqa: S310
                found: dict[str, Any] = json.load(answer)
                return found
        except OSError:
            return None

    def log(self) -> str:
        return (self.home / "agent.log").read_text(errors="replace")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
            self.process = None
