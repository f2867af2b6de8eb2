"""A whole stand for trying calls: Asterisk, its agent, and sipp as providers, in front of any exchange."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from switch_adapters.lab.agent import AgentProcess
from switch_adapters.lab.asterisk import AsteriskProcess, free_ports
from switch_adapters.lab.fetch import Installation
from switch_adapters.lab.sipp import Phone, Sipp, phones


class Stand:
    """`exchanges` are URLs, `bearer` is "<node id>.<secret>"; `options` go into the agent's configuration."""

    def __init__(self, installation: Installation, exchanges: list[str], bearer: str, **options: float) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="tandem-stand-"))
        self.asterisk = AsteriskProcess(installation, free_ports(1)[0])
        self.agent = AgentProcess(self.home / "agent", self.asterisk.layout, exchanges, bearer, **options)

    def start(self) -> Stand:
        self.asterisk.start()
        self.agent.start()
        return self

    def phones(self, scenario: str, calls: list[Phone], rate: float = 10) -> Sipp:
        return phones(scenario, self.asterisk.layout.ports.sip, calls, rate=rate, home=self.home)

    def stop(self) -> None:
        self.agent.stop()
        self.asterisk.remove()
        shutil.rmtree(self.home, ignore_errors=True)

    def logs(self) -> str:
        """For a failing test's report."""
        return f"--- agent\n{self.agent.log()[-4000:]}\n--- asterisk\n{self.asterisk.log()[-4000:]}"


def eventually(holds: Callable[[], object], seconds: float = 10, every: float = 0.05) -> bool:
    """Whether `holds` came true within `seconds`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(every)
    return bool(holds())
