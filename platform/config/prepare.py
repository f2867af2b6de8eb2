"""Making a database ready for Tandem: its four roles, the database itself, and where this installation finds it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg
from psycopg import sql

from config import environment


def parse_url(url: str) -> dict[str, Any]:
    """The parts of DATABASE_URL, as libpq names. Raises BadEnvironment."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise environment.BadEnvironment("DATABASE_URL must look like postgresql://user:password@host/name.")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    found = {
        "host": query.get("host") or unquote(parts.hostname or ""),
        "port": str(parts.port or query.get("port") or 5432),
        "dbname": unquote(parts.path.lstrip("/")) or "tandem",
    }
    if parts.username:
        found["user"] = unquote(parts.username)
    if parts.password:
        found["password"] = unquote(parts.password)
    return found


def make_roles(admin: dict[str, Any], passwords: dict[str, str] | None = None) -> None:
    """The four roles, with this installation's passwords. `admin` may create roles and databases; it needs no more."""
    keep = passwords or environment.installation_secrets()
    with psycopg.connect(**(admin | {"dbname": _maintenance(admin)}), autocommit=True) as connection:
        version = connection.info.server_version
        if version < 150000:
            raise environment.BadEnvironment(f"PostgreSQL 15 or later is needed; this is {version // 10000}.")
        # Two workers of a test run may come here together.
        connection.execute("select pg_advisory_lock(7146)")
        for role in environment.ROLES:
            name = sql.Identifier(f"tandem_{role}")
            known = connection.execute("select 1 from pg_roles where rolname = %s", [f"tandem_{role}"]).fetchone()
            verb = sql.SQL("alter" if known else "create")
            connection.execute(
                sql.SQL("{} role {} login password {}").format(verb, name, sql.Literal(keep[f"password_{role}"]))
            )
        if not connection.execute("select rolsuper from pg_roles where rolname = current_user").fetchone()[0]:  # type: ignore[index]
            # To make a database that tandem_owner owns; since PostgreSQL 16 that right must be named.
            named = " with inherit true, set true" if version >= 160000 else ""
            connection.execute(sql.SQL("grant tandem_owner to current_user" + named))


def make_database(admin: dict[str, Any], name: str) -> bool:
    """The database, owned by tandem_owner. True if it was made now."""
    with psycopg.connect(**(admin | {"dbname": _maintenance(admin)}), autocommit=True) as connection:
        if connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
            return False
        connection.execute(sql.SQL("create database {} owner tandem_owner").format(sql.Identifier(name)))
    return True


def drop_database(admin: dict[str, Any]) -> None:
    """Drop the database that `admin` names; the roles stay."""
    with psycopg.connect(**(admin | {"dbname": _maintenance(admin)}), autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(admin["dbname"])))


def remember(place: dict[str, Any]) -> None:
    """Write down where the database is, for every process of this installation."""
    path = environment.data_dir() / "database.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({key: place[key] for key in ("host", "port", "dbname")}))


def _maintenance(admin: dict[str, Any]) -> str:
    # A managed server may have no "postgres" database for us, but it has the one its address names.
    return admin.get("maintenance") or "postgres"
