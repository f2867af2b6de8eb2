"""The `tandem` command: Django's commands, and those that need no Django yet (prepare, demo)."""

from __future__ import annotations

import contextlib
import os
import sys

# These make or change schemas, so they come as the owner of the tables; everything else comes as the web role.
AS_OWNER = {"migrate", "makemigrations", "migrate_operators"}


def main(argv: list[str] | None = None) -> None:
    arguments = sys.argv if argv is None else argv
    command = arguments[1] if len(arguments) > 1 else "help"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if command in AS_OWNER:
        os.environ.setdefault("TANDEM_ROLE", "owner")
    if command == "migrate":
        _find_pg_dump()
    if command == "exchange":
        os.environ.setdefault("TANDEM_ROLE", "engine")
    if command == "demo":
        from config.demo import main as demo

        raise SystemExit(demo())
    from django.core.management import execute_from_command_line

    execute_from_command_line(arguments)


def _find_pg_dump() -> None:
    """The embedded server's own pg_dump, where that is what we run on."""
    from config import environment, postgres

    if environment.database("owner")["host"].startswith("/") and not environment.text("PG_DUMP"):
        with contextlib.suppress(postgres.PostgresUnavailable):
            os.environ["PG_DUMP"] = str(postgres.Server(environment.data_dir()).bin / "pg_dump")


if __name__ == "__main__":
    main()
