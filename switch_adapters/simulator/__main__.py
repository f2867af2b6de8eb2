"""python -m switch_adapters.simulator --config FILE: a steady trickle of calls, as a node of an exchange.

exchanges = ["http://127.0.0.1:8100"]
secret_file = "node.secret"        # "<node id>.<secret>", mode 600
calls_per_minute = 20
mean_talk_seconds = 45
most_calls = 50
[[callers]]
identity = "d100023"
caller = "442070000001"
numbers = ["442079460001", "4930123456"]
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from switch_adapters.agent.config import ConfigError, node_of, read_secret
from switch_adapters.base import Route
from switch_adapters.exchange_client import ExchangeClient
from switch_adapters.simulator.scenario import Behaviour, Carrier, Scenario
from switch_adapters.simulator.switch import SimulatedSwitch

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Person:
    identity: str
    caller: str
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    exchanges: tuple[str, ...]
    secret_file: Path
    callers: tuple[Person, ...]
    calls_per_minute: float = 20.0
    mean_talk_seconds: float = 45.0
    most_calls: int = 50
    reconcile_seconds: float = 15.0


def read_settings(path: Path) -> Settings:
    """Raises ConfigError."""
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text())
        data["callers"] = tuple(
            Person(str(one["identity"]), str(one.get("caller", "")), tuple(one["numbers"])) for one in data["callers"]
        )
        data["secret_file"] = Path(data["secret_file"])
        data["exchanges"] = tuple(data["exchanges"])
        settings = Settings(**data)
    except OSError as problem:
        raise ConfigError(f"{path} can't be read: {problem.strerror}") from None
    except KeyError as problem:
        raise ConfigError(f"{path} lacks {problem.args[0]}") from None
    except (tomllib.TOMLDecodeError, TypeError) as problem:
        raise ConfigError(f"{path} does not fit: {problem}") from None
    if not settings.callers or not all(one.numbers for one in settings.callers):
        raise ConfigError(f"{path} needs callers, each with numbers to call")
    return settings


def carrier(chance: random.Random) -> Carrier:
    """Seven of ten calls are answered, as on a fair wholesale route."""
    drawn = chance.random()
    if drawn < 0.70:
        return Carrier(Behaviour.ANSWERS, chance.uniform(1.0, 8.0))
    if drawn < 0.80:
        return Carrier(Behaviour.RINGS)
    if drawn < 0.88:
        return Carrier(Behaviour.BUSY, chance.uniform(0.5, 3.0))
    return Carrier(Behaviour.FAILS, chance.uniform(0.05, 0.5))


async def trickle(settings: Settings, chance: random.Random) -> None:
    """Place calls at random instants, `calls_per_minute` on average, until cancelled."""
    secret = read_secret(settings.secret_file)
    client = ExchangeClient(list(settings.exchanges), secret)

    def behind(_route: Route) -> Carrier:
        return carrier(chance)

    switch = SimulatedSwitch(client, node_of(secret), behind, settings.reconcile_seconds)
    placed: set[asyncio.Task[Any]] = set()
    async with asyncio.TaskGroup() as group:
        group.create_task(switch.run())
        while True:
            await asyncio.sleep(chance.expovariate(settings.calls_per_minute / 60))
            if len(placed) >= settings.most_calls:
                continue
            person = chance.choice(settings.callers)
            scenario = Scenario(
                person.identity,
                chance.choice(person.numbers),
                person.caller,
                talk_seconds=max(chance.expovariate(1 / settings.mean_talk_seconds), 1.0),
                patience_seconds=chance.uniform(8.0, 40.0),
            )
            task = asyncio.create_task(_place(switch, scenario))
            placed.add(task)
            task.add_done_callback(placed.discard)


async def _place(switch: SimulatedSwitch, scenario: Scenario) -> None:
    try:
        outcome = await switch.place(scenario)
        log.info(
            "%s called %s: %s, %.1f s", scenario.identity, scenario.called, outcome.sip_code, outcome.talked_seconds
        )
    except Exception:
        log.exception("a simulated call failed")


def main() -> int:
    parser = argparse.ArgumentParser(prog="switch_adapters.simulator", description="A switch without telephones.")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=None, help="makes the calls the same again")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        asyncio.run(trickle(read_settings(arguments.config), random.Random(arguments.seed)))  # noqa: S311
    except ConfigError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
