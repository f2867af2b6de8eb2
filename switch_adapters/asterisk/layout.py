"""Where one Asterisk keeps its things, and writing its static configuration there. Nothing is shared with /etc."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Ports:
    """All on loopback except SIP and RTP, which listen on `sip_bind`."""

    sip: int
    ami: int
    agent: int
    rtp_start: int
    rtp_end: int
    sip_bind: str = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Layout:
    """`home` is seen from here, `inside` is the same directory as Asterisk sees it (another name in a chroot)."""

    home: Path
    inside: str
    modules: str
    ports: Ports
    calls_secret: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    reload_secret: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    @property
    def etc(self) -> Path:
        return self.home / "etc"

    @property
    def cel(self) -> Path:
        return self.home / "log" / "cel-custom" / "cel.json"

    @property
    def main_file(self) -> str:
        """What `asterisk -C` is given."""
        return f"{self.inside}/etc/asterisk.conf"


def write_static(layout: Layout) -> None:
    """Write every file that does not change while Asterisk runs, and empty files for devices and providers."""
    for name in ("etc", "lib", "spool", "run", "log", "log/cel-custom"):
        (layout.home / name).mkdir(parents=True, exist_ok=True)
    values = {
        "INSIDE": layout.inside,
        "MODULES": layout.modules,
        "SIP_BIND": layout.ports.sip_bind,
        "SIP_PORT": str(layout.ports.sip),
        "AMI_PORT": str(layout.ports.ami),
        "AGENT_PORT": str(layout.ports.agent),
        "RTP_START": str(layout.ports.rtp_start),
        "RTP_END": str(layout.ports.rtp_end),
        "AMI_CALLS_SECRET": layout.calls_secret,
        "AMI_RELOAD_SECRET": layout.reload_secret,
    }
    for source in sorted(files("switch_adapters.asterisk").joinpath("static").iterdir(), key=lambda one: one.name):
        if source.name.endswith(".conf"):
            text = source.read_text()
            for name, value in values.items():
                text = text.replace(f"@{name}@", value)
            write_private(layout.etc / source.name, text)
    for name in ("pjsip_devices.conf", "pjsip_providers.conf"):
        if not (layout.etc / name).exists():
            write_private(layout.etc / name, "")


def write_private(path: Path, text: str) -> None:
    """Replace a file whole, readable by its owner only: never half a file, never a secret for others' eyes."""
    partial = path.with_name(f".{path.name}.new")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
