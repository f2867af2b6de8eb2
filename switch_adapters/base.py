"""The contract between Tandem and a media node: Decide, Events, Extend, Reconcile, Record, Provision, Command.

A node authenticates itself to the exchange; `node` is therefore never read from a body. A call is known to both
sides by its key (node, boot, uuid): `boot` changes whenever the media server starts, `uuid` is minted by the node.
Instants travel as integer microseconds since 1970 UTC, durations as whole seconds, amounts never.

Every dataclass here goes over the wire as JSON by `to_wire` and comes back by `from_wire`, which refuses what does
not fit with WireError: one clear sentence, naming the field.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class WireError(ValueError):
    """A message that does not fit the contract; the text names the field."""


@dataclass(frozen=True, slots=True)
class CallKey:
    node: int
    boot: str
    uuid: str


class Action(StrEnum):
    ROUTE = "route"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class DecideRequest:
    """What a node knows at the INVITE. `identity` is the authenticated SIP identity ("d100023"), numbers are raw."""

    boot: str
    uuid: str
    identity: str
    called: str
    caller: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """One provider to try. `endpoint` is the node's name for it ("p7"); numbers are already rewritten for it."""

    index: int
    endpoint: str
    number: str
    caller_id: str
    ring_seconds: int
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """The decision. `granted_seconds` of talk are paid for from the answer on; `max_seconds` is the hard cap.

    On a reject `cause` is Tandem's hang-up cause, `sip_code` what the caller's phone gets, `text` a sentence.
    """

    action: Action
    call_id: int = 0
    cause: int = 0
    sip_code: int = 0
    text: str = ""
    routes: tuple[Route, ...] = ()
    granted_seconds: int = 0
    max_seconds: int = 0


class EventKind(StrEnum):
    RING = "ring"
    ANSWER = "answer"
    END = "end"


@dataclass(frozen=True, slots=True)
class Event:
    """For the screen only: an event never bills. May come twice, late, or not at all."""

    boot: str
    uuid: str
    kind: EventKind
    at: int
    route_index: int = 0


@dataclass(frozen=True, slots=True)
class ExtendRequest:
    """Asks to keep paying for a call that has talked `talked_seconds` since its answer."""

    boot: str
    uuid: str
    talked_seconds: int


@dataclass(frozen=True, slots=True)
class Grant:
    """Talk paid for, in seconds since the answer. It never shrinks; `last` says no more will be granted."""

    uuid: str
    granted_seconds: int
    last: bool = False


@dataclass(frozen=True, slots=True)
class LiveCall:
    uuid: str
    answered_at: int | None = None


@dataclass(frozen=True, slots=True)
class ReconcileReport:
    """Every call alive on the node. `spooled_to` is how far its spool has been acknowledged (0 = nothing waits)."""

    boot: str
    live: tuple[LiveCall, ...]
    waiting_records: int = 0


@dataclass(frozen=True, slots=True)
class ReconcileAnswer:
    """`grants` for the calls that go on, `unknown` are uuids the exchange never admitted: hang those up."""

    grants: tuple[Grant, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One provider tried. `cause` is Q.850, `sip_code` the provider's final answer (0 = none came)."""

    route_index: int
    started_at: int
    ended_at: int
    answered_at: int | None = None
    cause: int = 0
    sip_code: int = 0


@dataclass(frozen=True, slots=True)
class CallRecord:
    """The end of a call as the node's durable spool tells it. Only this bills, and it may be delivered again."""

    boot: str
    uuid: str
    started_at: int
    ended_at: int
    attempts: tuple[Attempt, ...] = ()
    ended_by: str = ""


@dataclass(frozen=True, slots=True)
class Device:
    """A SIP account to provision. The digests are H(username:realm:secret), hex."""

    endpoint: str
    username: str
    realm: str
    digest_md5: str
    digest_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Provider:
    """A carrier to provision. With `username` the node answers its challenges; `register` makes it register too."""

    endpoint: str
    host: str
    port: int = 5060
    transport: str = "udp"
    username: str = ""
    secret: str = ""
    register: bool = False


@dataclass(frozen=True, slots=True)
class Provision:
    """All a node needs to carry calls. `version` changes whenever anything in it does."""

    version: str
    devices: tuple[Device, ...] = ()
    providers: tuple[Provider, ...] = ()
    emergency_numbers: tuple[str, ...] = ()
    emergency_endpoint: str = ""


class CommandKind(StrEnum):
    HANGUP = "hangup"
    PROVISION = "provision"


@dataclass(frozen=True, slots=True)
class Command:
    """Something for the node to do now. HANGUP names a call, PROVISION says that a new Provision waits."""

    id: int
    kind: CommandKind
    uuid: str = ""


class CallHandler(Protocol):
    """What an exchange offers a node. Adapters and the simulator receive one; they never import the exchange."""

    async def decide(self, node: int, request: DecideRequest) -> Answer: ...
    async def events(self, node: int, events: tuple[Event, ...]) -> None: ...
    async def extend(self, node: int, request: ExtendRequest) -> Grant: ...
    async def reconcile(self, node: int, report: ReconcileReport) -> ReconcileAnswer: ...
    async def record(self, node: int, records: tuple[CallRecord, ...]) -> tuple[str, ...]:
        """Take finished calls; answers the uuids now settled (or settled before). Others are to be sent again."""
        ...

    async def provision(self, node: int) -> Provision: ...
    async def commands(self, node: int, after: int, wait_seconds: float) -> tuple[Command, ...]:
        """Commands newer than `after`; waits up to `wait_seconds` for the first."""
        ...


# -- JSON ------------------------------------------------------------------------------------------------------------


def to_wire(message: Any) -> dict[str, Any]:
    """The JSON-ready dict of any dataclass of this module."""
    return dataclasses.asdict(message)


def from_wire(kind: type[T], data: Any) -> T:
    """Read a dataclass of this module back. Raises WireError."""
    if not isinstance(data, dict):
        raise WireError(f"{kind.__name__} must be an object")
    hints = _hints(typing.cast(type, kind))
    known = dataclasses.fields(kind)  # type: ignore[arg-type]
    values = {}
    for one in known:
        if one.name in data:
            values[one.name] = _read(hints[one.name], data[one.name], f"{kind.__name__}.{one.name}")
        elif one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING:
            raise WireError(f"{kind.__name__}.{one.name} is missing")
    return kind(**values)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _read(hint: Any, value: Any, name: str) -> Any:
    origin = typing.get_origin(hint)
    if origin is types.UnionType:
        if value is None:
            return None
        hint = next(one for one in typing.get_args(hint) if one is not types.NoneType)
        return _read(hint, value, name)
    if origin is tuple:
        if not isinstance(value, (list, tuple)):
            raise WireError(f"{name} must be a list")
        item = typing.get_args(hint)[0]
        return tuple(_read(item, one, name) for one in value)
    if origin is dict:
        if not isinstance(value, dict) or not all(isinstance(k, str) and isinstance(v, str) for k, v in value.items()):
            raise WireError(f"{name} must map texts to texts")
        return dict(value)
    if dataclasses.is_dataclass(hint):
        return from_wire(typing.cast(type, hint), value)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        try:
            return hint(value)
        except ValueError:
            raise WireError(f"{name} can't be {value!r}") from None
    if hint is int and (isinstance(value, bool) or not isinstance(value, int) or abs(value) > 2**63 - 1):
        raise WireError(f"{name} must be a whole number")
    if hint is bool and not isinstance(value, bool):
        raise WireError(f"{name} must be true or false")
    if hint is str and (not isinstance(value, str) or len(value) > 4096):
        raise WireError(f"{name} must be a text of at most 4096 characters")
    return value
