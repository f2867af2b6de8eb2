"""What the tests need beside Python: Chromium, sipp, Asterisk, Caddy. `python -m tests.setup` gets what it may.

Where it may not (no root, no apt), those tests are skipped with a loud line each; with CI=true a skip is a failure.
A mirror that fails is tried three times and then reported as `lab unavailable: <reason>`, apart from failing tests.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time

PROGRAMS = {"chromium": "chromium", "caddy": "caddy"}
TRIES = 3


def say(text: str) -> None:
    sys.stderr.write(text + "\n")


def install(packages: list[str]) -> str:
    """Install Debian packages; the reason if that failed three times, else nothing."""
    reason = ""
    for attempt in range(TRIES):
        for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", *packages]):
            done = subprocess.run(
                command, capture_output=True, text=True, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
            )
            if done.returncode:
                reason = (done.stderr.strip().splitlines() or ["apt-get failed"])[-1]
                break
        else:
            return ""
        time.sleep(5 * attempt)
    return reason


def main() -> int:
    missing = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    if missing and (os.geteuid() != 0 or shutil.which("apt-get") is None):
        say(f"NOT TESTED HERE: {', '.join(missing)} missing. As root: apt-get install {' '.join(missing)}")
        return 1 if os.environ.get("CI") == "true" else 0
    if missing and (reason := install(missing)):
        say(f"lab unavailable: {reason}")
        return 75 if os.environ.get("CI") == "true" else 0
    lab = subprocess.run([sys.executable, "-m", "switch_adapters.lab", "get"])
    return lab.returncode if os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main())
