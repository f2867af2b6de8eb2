"""python -m switch_adapters.agent --config FILE"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import sys
from pathlib import Path

import uvicorn

from switch_adapters.agent.config import AgentConfig, ConfigError, read_config, read_secret
from switch_adapters.agent.emergency import EmergencyFile
from switch_adapters.agent.face import face
from switch_adapters.agent.node import NodeAgent
from switch_adapters.agent.store import Store, StoreBusy
from switch_adapters.asterisk.driver import AsteriskDriver
from switch_adapters.exchange_client import ExchangeClient


async def serve(config: AgentConfig) -> None:
    """Until SIGTERM or SIGINT. Calls that are up stay up: Asterisk carries them and holds their deadlines."""
    client = ExchangeClient(list(config.exchanges), read_secret(config.secret_file))
    store = Store(config.state)
    agent = NodeAgent(
        node=config.node,
        handler=client,
        driver=AsteriskDriver(
            config.etc,
            config.ami_port,
            config.ami_calls_secret_file,
            config.ami_reload_secret_file,
            config.debounce_seconds,
        ),
        store=store,
        spool=config.cel,
        emergency=EmergencyFile(config.state.with_suffix(".emergency.json")),
        reconcile_seconds=config.reconcile_seconds,
        provision_seconds=config.provision_seconds,
        rotate_bytes=config.rotate_bytes,
    )
    server = uvicorn.Server(
        uvicorn.Config(
            face(agent),
            interface="asgi3",
            host="127.0.0.1",
            port=config.port,
            lifespan="off",
            access_log=False,
            log_level="warning",
            timeout_graceful_shutdown=2,
        )
    )
    life = asyncio.create_task(agent.run())
    try:
        await server.serve()
    finally:
        life.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await life
        await client.close()
        store.close()


def main() -> int:
    parser = argparse.ArgumentParser(prog="switch_adapters.agent", description="The agent of one media node.")
    parser.add_argument("--config", type=Path, required=True)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        asyncio.run(serve(read_config(arguments.config)))
    except (ConfigError, StoreBusy) as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
