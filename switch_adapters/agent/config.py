"""The agent's configuration file (TOML) and its secrets, which are files of their own."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class ConfigError(ValueError):
    """What is wrong with the configuration, in one sentence."""


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """`secret_file` holds "<node id>.<secret>"; the ports are on 127.0.0.1.

    Durations are seconds. `etc` is the directory of Asterisk's configuration, `cel` the spool it writes.
    """

    exchanges: tuple[str, ...]
    secret_file: Path
    state: Path
    port: int
    etc: Path
    cel: Path
    ami_port: int
    ami_calls_secret_file: Path
    ami_reload_secret_file: Path
    reconcile_seconds: float = 15.0
    debounce_seconds: float = 2.0
    provision_seconds: float = 300.0
    rotate_bytes: int = 64 * 1024 * 1024

    @property
    def node(self) -> int:
        return node_of(read_secret(self.secret_file))


def read_config(path: Path) -> AgentConfig:
    """Raises ConfigError."""
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text())
    except OSError as problem:
        raise ConfigError(f"{path} can't be read: {problem.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ConfigError(f"{path} is not TOML: {problem}") from None
    fields = AgentConfig.__dataclass_fields__
    if unknown := sorted(set(data) - set(fields)):
        raise ConfigError(f"{path} names {unknown[0]}, which is no setting")
    values: dict[str, Any] = {}
    for name, value in data.items():
        kind = str(fields[name].type)
        fits = {
            "Path": isinstance(value, str),
            "int": isinstance(value, int),
            "float": isinstance(value, (int, float)),
            "tuple[str, ...]": isinstance(value, list) and all(isinstance(one, str) for one in value) and bool(value),
        }[kind]
        if not fits:
            raise ConfigError(f"{path}: {name} does not fit, it must be a {kind}")
        values[name] = Path(value) if kind == "Path" else tuple(value) if kind.startswith("tuple") else value
    try:
        return AgentConfig(**values)
    except TypeError as problem:
        raise ConfigError(f"{path}: {str(problem).partition(' ')[2]}") from None


def read_secret(path: Path) -> str:
    """A one-line secret. A file that others than its owner can read is refused. Raises ConfigError."""
    try:
        if path.stat().st_mode & 0o077:
            raise ConfigError(f"{path} can be read by others: chmod 600 {path}")
        return path.read_text().strip()
    except OSError as problem:
        raise ConfigError(f"{path} can't be read: {problem.strerror}") from None


def node_of(secret: str) -> int:
    """The node id in front of the dot. Raises ConfigError."""
    node, dot, rest = secret.partition(".")
    if not (node.isascii() and node.isdigit() and dot and rest):
        raise ConfigError("the node's secret must look like <node id>.<secret>")
    return int(node)
