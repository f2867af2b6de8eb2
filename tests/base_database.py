"""The one base database: migrated, blueprint dumped, the owner and two operators opened, named people in each.

Built once per hash of what it is made from; every worker and every test that commits gets a copy of it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from config import environment, prepare
from config.postgres import Server

ROOT = Path(__file__).resolve().parents[1]
MADE_FROM = (
    "**/migrations/*.py", "**/sql/*.sql", "platform/opening/*.py", "tenants/*.py", "portal/people/create_*.py",
    "platform/ledger/*.py", "platform/calls/*.py", "tests/build_base.py", "requirements.lock",
)  # fmt: skip
# Nothing here must survive a power cut.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "300"}


def server() -> Server:
    return Server(environment.data_dir(), FAST)


def base_name() -> str:
    digest = hashlib.sha256()
    for pattern in MADE_FROM:
        for path in sorted(ROOT.glob(pattern)):
            if ".venv" not in path.parts and "var" not in path.parts:
                digest.update(path.read_bytes())
    return f"tandem_base_{digest.hexdigest()[:12]}"


def admin(running: Server) -> psycopg.Connection:
    return psycopg.connect(**running.dsn, dbname="postgres", autocommit=True)


def ready_base(running: Server) -> str:
    """The base's name; built first if need be, by one process while the others wait."""
    name = base_name()
    with open(environment.data_dir() / "base.lock", "w") as lock, admin(running) as postgres:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if postgres.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
            return name
        for (old,) in postgres.execute("select datname from pg_database where datname like 'tandem_base_%'").fetchall():
            postgres.execute(f"drop database if exists {old} with (force)")
        building = f"{name}_building"
        postgres.execute(f"drop database if exists {building} with (force)")
        prepare.make_roles(running.dsn)
        prepare.make_database(running.dsn, building)
        prepare.remember(running.dsn | {"dbname": building})
        for script in (["manage.py", "migrate", "-v", "0"], ["tests/build_base.py"]):
            made = subprocess.run(
                [sys.executable, *script], cwd=ROOT, env=os.environ | {"TANDEM_DB_NAME": building},
                capture_output=True, text=True,
            )  # fmt: skip
            if made.returncode:
                raise RuntimeError(
                    f"The base database could not be built:\n{made.stdout[-2000:]}\n{made.stderr[-4000:]}"
                )
        postgres.execute(f"alter database {building} rename to {name}")
    return name


@contextmanager
def copy_of_base(running: Server, name: str) -> Iterator[str]:
    """A database of its own, gone afterwards. File copies are the quickest way without fsync."""
    base = ready_base(running)
    with admin(running) as postgres:
        postgres.execute(f"drop database if exists {name} with (force)")
        postgres.execute(f"create database {name} template {base} owner tandem_owner strategy file_copy")
    try:
        yield name
    finally:
        with admin(running) as postgres:
            postgres.execute(f"drop database if exists {name} with (force)")
