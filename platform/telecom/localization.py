"""Cut-and-add rules that turn what was dialled into E.164, and E.164 into what a provider wants."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

ANY_LENGTH = 255


class RuleKind(StrEnum):
    CALLER_ID = "caller_id"
    COMBINED = "combined"
    DESTINATION = "destination"


class Scope(StrEnum):
    """Where a rule stands, nearest first; a nearer scope always wins."""

    DEVICE = "device"
    GROUP = "group"
    LOCATION = "location"
    GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class Effects:
    """What a rule changes besides the number. Ids are of the operator whose rule it is."""

    tariff_id: int | None = None
    lcr_id: int | None = None
    did: str = ""
    cid_name: str = ""
    owner_device_id: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """`cut` is literal text with `x` for any digit, or a special; `add` is put before what remains.

    The lengths are of the number before cutting, inclusive. A CallerID rule works on the caller id, the others on the
    called number; a Combined rule needs both sides and may rewrite both.
    Specials: `*#` cuts through the first `#`; on a caller id `*` cuts all of it (with both lengths 0: an empty one);
    `-` in a device's or provider's outgoing rule sends the number as it was received.
    """

    id: int
    kind: RuleKind
    cut: str = ""
    add: str = ""
    min_len: int = 0
    max_len: int = ANY_LENGTH
    position: int = 0
    name: str = ""
    source_cut: str = ""
    source_add: str = ""
    source_min_len: int = 0
    source_max_len: int = ANY_LENGTH
    source_prefixes: tuple[str, ...] = ()
    effects: Effects = Effects()
    enabled: bool = True
