"""What this installation knows about itself: its data directory, its secrets, its database, from files and environment.

Settings read only this module; nothing else reads os.environ. A missing or malformed value is one sentence.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ROLES = ("owner", "web", "engine", "console")


class BadEnvironment(RuntimeError):
    """The environment can't be used as it is; the text says what to change."""


def flag(name: str, default: bool = False) -> bool:
    """A yes/no from the environment."""
    value = os.environ.get(name, "").strip().lower()
    if value in ("", "1", "true", "yes", "on", "0", "false", "no", "off"):
        return default if value == "" else value in ("1", "true", "yes", "on")
    raise BadEnvironment(f"{name} must be 1 or 0, not {value!r}.")


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def data_dir() -> Path:
    """Where this installation keeps everything it makes. As root it is outside the clone, because PostgreSQL then
    runs as another user, who may not be able to walk into the clone and for whom we don't open anybody's home."""
    if given := text("TANDEM_DATA"):
        return Path(given)
    if os.geteuid() == 0:
        return Path("/var/lib/tandem") / hashlib.sha256(str(ROOT).encode()).hexdigest()[:10]
    return ROOT / "var"


def kept(path: Path, make: dict[str, str]) -> dict[str, str]:
    """A small JSON file of secrets, mode 0600, made on first use; keys that are new in this version are added."""
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    if set(make) - set(known):
        known = make | known
        path.parent.mkdir(parents=True, exist_ok=True)
        # Renamed into place, so that two processes starting together can't read half a file.
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(known, file, indent=1)
        fresh.rename(path)
    return known


def installation_secrets() -> dict[str, str]:
    """Keys of this installation: Django's, the field encryption's, the pages' key to the exchange, the proxy's to ask
    about certificates, role passwords."""
    make = {
        "secret_key": secrets.token_urlsafe(48),
        "field_key": secrets.token_hex(32),
        "exchange_key": secrets.token_urlsafe(32),
        "certificate_key": secrets.token_urlsafe(32),
    } | {f"password_{role}": secrets.token_urlsafe(24) for role in ROLES}
    return kept(data_dir() / "secrets.json", make)


def database(role: str) -> dict[str, Any]:
    """Connection parameters for one of ROLES: host, port, dbname, user, password (libpq names)."""
    if role not in ROLES:
        raise BadEnvironment(f"TANDEM_ROLE must be one of {', '.join(ROLES)}, not {role!r}.")
    path = data_dir() / "database.json"
    place = json.loads(path.read_text()) if path.exists() else {}
    return {
        "host": text("TANDEM_DB_HOST", place.get("host", "")),
        "port": text("TANDEM_DB_PORT", str(place.get("port", ""))),
        "dbname": text("TANDEM_DB_NAME", place.get("dbname", "tandem")),
        "user": f"tandem_{role}",
        "password": installation_secrets()[f"password_{role}"] if path.exists() else "",
    }
