"""Emergency numbers, answered from the node's own file: with no exchange, and before anybody is asked."""

from __future__ import annotations

import json
from pathlib import Path

from switch_adapters.asterisk.layout import write_private
from switch_adapters.base import Action, Answer, Provision, Route

TALK_SECONDS = 4 * 3600
RING_SECONDS = 120


class EmergencyFile:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._numbers: frozenset[str] = frozenset()
        self._endpoint = ""
        if path.exists():
            found = json.loads(path.read_text())
            self._numbers, self._endpoint = frozenset(found["numbers"]), str(found["endpoint"])

    def keep(self, provision: Provision) -> None:
        """Remember the newest list, also for the next start."""
        self._numbers, self._endpoint = frozenset(provision.emergency_numbers), provision.emergency_endpoint
        write_private(self._path, json.dumps({"numbers": sorted(self._numbers), "endpoint": self._endpoint}))

    def answer(self, called: str, caller: str) -> Answer | None:
        """None when it is no emergency number, or when no endpoint carries such calls."""
        if not self._endpoint or called not in self._numbers:
            return None
        route = Route(0, self._endpoint, called, caller, RING_SECONDS)
        return Answer(Action.ROUTE, routes=(route,), granted_seconds=TALK_SECONDS, max_seconds=TALK_SECONDS)
