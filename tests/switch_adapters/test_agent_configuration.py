"""The agent says in one sentence what is wrong with its configuration, and never shows a secret."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from switch_adapters.agent.config import ConfigError, read_config, read_secret

GOOD = """
exchanges = ["http://127.0.0.1:1"]
secret_file = "s"
state = "st"
port = 1
etc = "e"
cel = "c"
ami_port = 2
ami_calls_secret_file = "a"
ami_reload_secret_file = "b"
"""


def _config(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "agent.toml"
    file.write_text(text)
    return file


def test_a_good_file_is_read(tmp_path: Path) -> None:
    assert read_config(_config(tmp_path, GOOD)).exchanges == ("http://127.0.0.1:1",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("port = ", "is not TOML"),
        (GOOD + "colour = 1", "colour, which is no setting"),
        (GOOD.replace("port = 1", 'port = "x"', 1), "port does not fit"),
        (GOOD.replace('["http://127.0.0.1:1"]', "[]"), "exchanges does not fit"),
        (GOOD.replace('cel = "c"\n', ""), "'cel'"),
    ],
)
def test_a_bad_file_is_refused_with_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        read_config(_config(tmp_path, text))


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("7.very-secret\n")
    secret.chmod(0o644)
    with pytest.raises(ConfigError, match="can be read by others") as refused:
        read_secret(secret)
    assert "very-secret" not in str(refused.value)
    secret.chmod(0o600)
    assert read_secret(secret) == "7.very-secret"


def test_the_agent_ends_with_a_sentence_and_no_trace(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "switch_adapters.agent", "--config", str(tmp_path / "none.toml")],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 2
    assert "can't be read" in done.stderr
    assert "Traceback" not in done.stderr


def test_adapters_import_neither_django_nor_the_exchange() -> None:
    code = (
        "import sys, switch_adapters.agent.__main__, switch_adapters.simulator.__main__, switch_adapters.lab.stand;"
        "print([name for name in sys.modules if name.split('.')[0] in ('django', 'exchange', 'tenants', 'telecom')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=True
    )
    assert done.stdout.strip() == "[]"
