"""What the agent needs of a media server; `asterisk/` fills it in, Kamailio will."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from switch_adapters.base import Provision


class MediaServerAway(RuntimeError):
    """The media server does not answer."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An object of a Provision that was left out, and why, in one sentence."""

    name: str
    reason: str


class Driver(Protocol):
    @property
    def boot(self) -> str:
        """Which life of the media server this is; empty while it is away."""
        ...

    async def run(self) -> None:
        """Keep the link up, for ever."""
        ...

    async def apply(self, provision: Provision) -> list[Refused]:
        """Make the media server know these devices and providers. Raises MediaServerAway."""
        ...

    async def set_deadline(self, channel: str, seconds: float) -> None:
        """End the call of this channel `seconds` from now. Raises MediaServerAway."""
        ...

    async def hang_up(self, channel: str) -> None:
        """End it now. Raises MediaServerAway."""
        ...

    async def live(self) -> dict[str, str]:
        """uuid -> channel of every call that is up. Raises MediaServerAway."""
        ...
