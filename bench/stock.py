"""For bench/exchange.py, in the environment of a new installation: `serve` runs its database until it is told to stop,
`stock` opens a small world of prices, carriers and devices and prints what a node needs as JSON."""

import json
import os
import signal
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def serve() -> None:
    from config import environment, prepare
    from config.postgres import Server

    # Both signals end the wait below, and then the server.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    with Server(environment.data_dir()).used() as running:
        prepare.make_roles(running.dsn)
        prepare.make_database(running.dsn, "tandem")
        prepare.remember(running.dsn | {"dbname": "tandem"})
        print("ready", flush=True)
        signal.sigwait({signal.SIGTERM, signal.SIGINT})


def stock() -> None:
    import django

    django.setup()
    from types import SimpleNamespace

    from tenants.lookup import operator_for_host
    from tests.exchange.shop import stock as small_world

    house = SimpleNamespace(**{name: operator_for_host(f"{name}.localhost") for name in ("root", "acme", "beta")})
    made = small_world(house, balance="100000")
    identities = [made.carlas_phone.username, made.dans_phone.username]
    print(json.dumps({"token": made.node.token, "identities": identities, "numbers": ["37060012345", "3705551234"]}))


if __name__ == "__main__":
    {"serve": serve, "stock": stock}[sys.argv[1]]()
