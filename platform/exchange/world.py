"""Names of destinations for call records, from the numbering plans of the world."""

from __future__ import annotations

from telecom.world import LONGEST, destinations


class World:
    """Eleven thousand prefixes in a dict: at most seven look-ups a number."""

    def __init__(self) -> None:
        self._names = {one.prefix: one.name for one in destinations()}

    def name_of(self, number: str) -> str:
        """The destination of an E.164 number without +, or nothing."""
        for length in range(min(LONGEST, len(number)), 0, -1):
            if name := self._names.get(number[:length]):
                return name
        return ""
