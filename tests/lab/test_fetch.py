"""A lab that can't be had is said to be unavailable, with its reason, after three honest tries."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from switch_adapters.lab import fetch


def test_a_mirror_that_fails_three_times_makes_the_lab_unavailable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fetch.time, "sleep", lambda _seconds: None)
    tries = tmp_path / "tries"
    command = ["sh", "-c", f"echo x >> {tries}; echo 'E: no such mirror'; exit 1"]
    with pytest.raises(fetch.LabUnavailable, match="debootstrap sid failed 3 times, the last time with: E: no such"):
        fetch._retry(command, "debootstrap sid", {"PATH": "/bin:/usr/bin"})
    assert tries.read_text().count("x") == 3
    assert "try 3 of 3 failed" in capfd.readouterr().err


def test_a_mirror_that_recovers_is_enough(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(fetch.time, "sleep", lambda _seconds: None)
    mark = tmp_path / "mark"
    fetch._retry(["sh", "-c", f"test -e {mark} || {{ touch {mark}; exit 1; }}"], "x", {"PATH": "/bin:/usr/bin"})


def test_without_root_one_line_says_so_and_the_exit_code_is_its_own() -> None:
    code = (
        "import os, sys; os.geteuid = lambda: 1000; from switch_adapters.lab.__main__ import main; sys.exit(main([]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.returncode == 75
    assert done.stderr.strip() == ("lab unavailable: the lab needs root (chroot, debootstrap, apt-get); run it as root")
