"""Seconds to open an operator, complete and answering. Last line JSON: `open_operator_s` (median of ten)."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ["TANDEM_OPENS_OPERATORS"] = "1"
from config import environment  # noqa: E402
from config.postgres import Server  # noqa: E402

INSIDE = "inside"


def measure() -> None:
    """In a process of its own, on a copy of the tests' base database."""
    import django

    django.setup()
    from opening.open_operator import Wish, open_operator
    from tenants.lookup import operator_for_host

    root = operator_for_host("root.localhost")
    assert root is not None
    seconds = []
    for number in range(10):
        begun = time.perf_counter()
        opened = open_operator(Wish(f"Shop {number}", (f"shop{number}.localhost",), "EUR", parent_id=root.pk))
        seconds.append(time.perf_counter() - begun)
        assert opened.is_active
    sys.stdout.write("".join(f"{one:.3f} s\n" for one in seconds))
    sys.stdout.write(json.dumps({"open_operator_s": round(statistics.median(seconds), 3)}) + "\n")


if __name__ == "__main__":
    if INSIDE in sys.argv:
        measure()
    else:
        # A server of its own with the settings of production, fsync included.
        os.environ["TANDEM_DATA"] = str(environment.data_dir() / "bench")
        from tests.base_database import copy_of_base

        with Server(environment.data_dir()).used() as running, copy_of_base(running, "tandem_bench_open") as name:
            place = {"TANDEM_DB_NAME": name, "TANDEM_DB_HOST": str(running.socket_dir), "TANDEM_DB_PORT": "5432"}
            done = subprocess.run([sys.executable, __file__, INSIDE], env=os.environ | place)
        sys.exit(done.returncode)
