"""`make lab-call`: the big try of test_lab_call.py; the last line is its JSON. Exit 75 = lab unavailable."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from switch_adapters.lab.fetch import UNAVAILABLE, LabUnavailable, get

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    try:
        get()
    except LabUnavailable as problem:
        sys.stderr.write(f"lab unavailable: {problem}\n")
        return UNAVAILABLE
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "tests/lab/test_lab_call.py"]
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, "LAB_CALL_REPORT": str(report)})
        sys.stdout.write((report.read_text() if report.exists() else '{"calls": 0}') + "\n")
        return done.returncode


if __name__ == "__main__":
    sys.exit(main())
