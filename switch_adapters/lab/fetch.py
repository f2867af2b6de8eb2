"""Getting the lab's programs: the machine's own Asterisk if new enough, else one in a Debian directory; and sipp."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from switch_adapters.lab.apt_mirror import debian_mirrors

OLDEST = 20
UNAVAILABLE = 75  # sysexits' EX_TEMPFAIL: no lab is not the same as a failing test
TRIES = 3


class LabUnavailable(RuntimeError):
    """The lab can't be had here; the text is the reason, in one line."""


@dataclass(frozen=True, slots=True)
class Installation:
    """An Asterisk to run. `root` is "/" or a directory to chroot into; `modules` is seen from inside."""

    root: Path
    version: str
    modules: str

    def command(self, *arguments: str) -> list[str]:
        return [*([] if self.root == Path("/") else ["chroot", str(self.root)]), "asterisk", *arguments]

    def inside(self, path: Path) -> str:
        """The name that a path below `root` has for Asterisk."""
        return "/" + str(path.relative_to(self.root))


def lab_home() -> Path:
    """Where the Debian directory is kept: as root below /var/lib, so that a fresh clone finds it again."""
    return Path("/var/lib/tandem/lab") if os.geteuid() == 0 else Path("var/lab").resolve()


def find() -> Installation | None:
    """The Asterisk that is there already, or None."""
    return _look(Path("/")) or _look(lab_home() / "debian")


def get() -> Installation:
    """Asterisk and sipp, fetched where they are missing. Raises LabUnavailable."""
    if os.geteuid() != 0:
        raise LabUnavailable("the lab needs root (chroot, debootstrap, apt-get); run it as root")
    if shutil.which("sipp") is None:
        _apt_get("sip-tester")
    found = find()
    if found is not None:
        return found
    if shutil.which("debootstrap") is None:
        _apt_get("debootstrap")
    _debootstrap(lab_home() / "debian")
    found = find()
    if found is None:
        raise LabUnavailable(f"the Asterisk that was fetched does not start or is older than {OLDEST}")
    return found


def sipp_version() -> str:
    shown = subprocess.run(["sipp", "-v"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"SIPp (v[\w.]+)", shown)
    return found.group(1) if found else "unknown"


def _look(root: Path) -> Installation | None:
    modules = next(iter(sorted(root.glob("usr/lib/**/asterisk/modules"))), None)
    if modules is None or not (root / "usr/sbin/asterisk").exists():
        return None
    if root != Path("/") and os.geteuid() != 0:
        return None
    if not (modules / "res_cdrel_custom.so").exists():
        return None  # its CEL can't be written as JSON yet
    bare = Installation(root, "", "/" + str(modules.relative_to(root)))
    shown = subprocess.run(bare.command("-V"), capture_output=True, text=True, check=False).stdout
    number = re.search(r"Asterisk (?:certified[-/])?((\d+)[\w.~+-]*)", shown)
    if number is None or int(number.group(2)) < OLDEST:
        return None
    return Installation(root, number.group(1), bare.modules)


def _apt_get(package: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _retry(
        ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=120", "install", package],
        f"apt-get install {package}",
        environment,
        between=["apt-get", "-q", "update"],
    )


def _debootstrap(target: Path) -> None:
    mirrors = debian_mirrors()
    if not mirrors:
        raise LabUnavailable("this machine's apt configuration names no Debian mirror")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    command = ["debootstrap", "--variant=minbase", "--include=asterisk,asterisk-modules", "sid", str(partial)]
    environment = dict(os.environ)
    for scheme in ("http", "https"):
        shown = subprocess.run(["apt-config", "dump", f"Acquire::{scheme}::Proxy"], capture_output=True, text=True)
        proxy = re.search(r'"(http[^"]+)"', shown.stdout)
        if proxy:
            environment.setdefault(f"{scheme}_proxy", proxy.group(1))
    _retry([*command, mirrors[0]], "debootstrap sid", environment, clean=partial)
    partial.rename(target)  # whole or not there: an interrupted fetch is never taken for a lab


def _retry(
    command: list[str],
    name: str,
    environment: dict[str, str],
    clean: Path | None = None,
    between: list[str] | None = None,
) -> None:
    """Run until it succeeds, three times at most. Raises LabUnavailable with the command's last line."""
    last = ""
    for attempt in range(1, TRIES + 1):
        if clean is not None and clean.exists():
            _remove_tree(clean)
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode == 0:
            return
        last = next((line.strip() for line in reversed(done.stdout.splitlines()) if line.strip()), "no output")
        sys.stderr.write(f"{name}: try {attempt} of {TRIES} failed: {last}\n")
        time.sleep(2 * attempt)
        if between is not None:
            subprocess.run(between, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    raise LabUnavailable(f"{name} failed {TRIES} times, the last time with: {last}")


def _remove_tree(directory: Path) -> None:
    """Remove a half-made Debian directory, but never through something still mounted in it."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        if line.split()[1].startswith(f"{directory}/"):
            subprocess.run(["umount", "-l", line.split()[1]], check=True)
    shutil.rmtree(directory)
