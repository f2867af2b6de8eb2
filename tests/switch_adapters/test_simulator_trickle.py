"""The simulator as a process: a steady trickle of calls through an exchange's HTTP face, for the demo."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from switch_adapters.lab.exchange_double import ExchangeDouble, Line
from switch_adapters.lab.http_face import HttpFace
from switch_adapters.lab.stand import eventually

ROOT = Path(__file__).parents[2]


def _config(tmp_path: Path, face: HttpFace, callers: str) -> Path:
    secret = tmp_path / "secret"
    secret.write_text(face.bearer)
    secret.chmod(0o600)
    config = tmp_path / "simulator.toml"
    config.write_text(
        f'exchanges = ["{face.url}"]\nsecret_file = "{secret}"\ncalls_per_minute = 1200\nmean_talk_seconds = 1\n'
        f"reconcile_seconds = 1\n{callers}"
    )
    return config


def test_calls_are_placed_followed_and_recorded_and_a_restarted_exchange_misses_none(
    tmp_path: Path, exchange: ExchangeDouble, face: HttpFace
) -> None:
    exchange.lines["33123456789"] = Line(("p7",))
    callers = '[[callers]]\nidentity = "d100001"\ncaller = "447700900001"\nnumbers = ["33123456789", "1555"]\n'
    config = _config(tmp_path, face, callers)
    process = subprocess.Popen(
        [sys.executable, "-m", "switch_adapters.simulator", "--config", str(config), "--seed", "1"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
    )
    try:
        assert eventually(lambda: len(exchange.records) >= 3, 20)
        face.stop()
        face.start()
        before = len(exchange.decided)
        assert eventually(lambda: len(exchange.decided) > before + 5, 20)
        assert any(one.live for one in exchange.reports)
        assert process.poll() is None
    finally:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=10)
    assert process.returncode == 0
    assert b"Traceback" not in said


@pytest.mark.parametrize(
    ("callers", "said"), [("", "lacks callers"), ('[[callers]]\nidentity = "d1"\nnumbers = []\n', "needs callers")]
)
def test_a_bad_file_is_refused_with_a_sentence(tmp_path: Path, face: HttpFace, callers: str, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "switch_adapters.simulator", "--config", str(_config(tmp_path, face, callers))],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
