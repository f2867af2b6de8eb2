"""How an operator routes calls: MOR's LCR, M4's routing group of dial peers, VOS3000's gateways, as one shape.

A routing group is an LCR with dial peers. Percents are whole or broken percents (20 = 20 %), 0 = off.
Source: rating-routing.md sections 9 and 10.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from telecom.local_time import Window
from telecom.matching import Filter
from telecom.quality import EXPLORATION, WARM_UP_CALLS

MAX_FAILOVER_GROUPS = 2


class LcrOrder(StrEnum):
    """PERCENT draws without replacement by share, WEIGHT takes the lowest weight first, QUALITY the highest score;
    GATEWAY is VOS3000's order."""

    PRICE = "price"
    PRIORITY = "priority"
    PERCENT = "percent"
    WEIGHT = "weight"
    QUALITY = "quality"
    GATEWAY = "gateway"


@dataclass(frozen=True, slots=True)
class LcrEntry:
    """A way out: one of the operator's own providers, or (None) whatever the parent offers. Low priority goes first.

    With `common_provider_id` it is that one provider of the parent, which must have put it up for common use.

    For the order GATEWAY a provider may have several entries, one per `prefix`, of which the longest that fits counts;
    `terminate` lets no shorter prefix follow it, `lines` is its size, and with fewer than `reserved` free it is left.
    """

    provider_id: int | None
    priority: int = 0
    enabled: bool = True
    percent: Decimal = Decimal(0)
    weight: int = 0
    prefix: str = ""
    prefix_priority: int = 0
    lines: int = 0
    reserved: int = 0
    terminate: bool = False
    common_provider_id: int | None = None


class OverrideKind(StrEnum):
    """How an override was written; at equal length a prefix comes before a group and a group before a name."""

    PREFIX = "prefix"
    GROUP = "group"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Override:
    """Other routing for some destinations: a jump to another LCR, or (None) a ban.

    `prefixes` are what it takes, `holes` longer prefixes inside them that it doesn't (see `named_prefixes`).
    """

    prefixes: tuple[str, ...]
    lcr_id: int | None = None
    kind: OverrideKind = OverrideKind.PREFIX
    holes: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """Another LCR while a window is open; the window is on the wall of the LCR's zone."""

    window: Window
    lcr_id: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Failover:
    """A provider that is tried when nothing else helped, whatever it costs; the customer may pay another tariff."""

    provider_id: int
    tariff_id: int | None = None


@dataclass(frozen=True, slots=True)
class DialPeer:
    """One step of a routing group, taken if both numbers fit. `margin_amount`: see `Stage`.

    With `stop_hunting` no dial peer follows; the failover groups do, unless `skip_failover` says no.
    """

    id: int
    priority: int = 0
    entries: tuple[LcrEntry, ...] = ()
    order: LcrOrder = LcrOrder.PRICE
    called: Filter = Filter()
    caller: Filter = Filter()
    stop_hunting: bool = True
    skip_failover: bool = False
    margin_amount: Decimal | None = None
    allow_loss: bool = False
    formula: str = ""
    name: str = ""
    enabled: bool = True


@dataclass(frozen=True)
class Stage:
    """Entries that are ordered together, and how.

    `percent_limit` drops what is dearer than the first by more; `margin_percent` keeps what leaves at least so much
    (None = only the loss rule counts); `margin_amount` is a margin a minute in the operator's base currency and takes
    the loss rule's place: negative, it allows a loss of so much.
    """

    label: str
    entries: tuple[LcrEntry, ...]
    order: LcrOrder
    percent_limit: Decimal = Decimal(0)
    margin_percent: Decimal | None = None
    margin_amount: Decimal | None = None
    allow_loss: bool = False
    formula: str = ""
    warm_up: int = WARM_UP_CALLS
    exploration: float = EXPLORATION

    @cached_property
    def distinct(self) -> tuple[LcrEntry, ...]:
        """Each way out that is switched on once, the first entry of it."""
        found: dict[tuple[int | None, int | None], LcrEntry] = {}
        for entry in self.entries:
            if entry.enabled:
                found.setdefault((entry.provider_id, entry.common_provider_id), entry)
        return tuple(found.values())


@dataclass(frozen=True)
class Lcr:
    """How calls are routed. With `peers` it is a routing group, and `entries` and `order` stand in those.

    `first_only` tries one provider only; `max_attempts` at most so many (VOS3000's switch limit; 0 = no limit).
    """

    id: int
    order: LcrOrder = LcrOrder.PRICE
    entries: tuple[LcrEntry, ...] = ()
    first_only: bool = False
    percent_limit: Decimal = Decimal(0)
    margin_percent: Decimal | None = None
    allow_loss: bool = False
    name: str = ""
    overrides: tuple[Override, ...] = ()
    periods: tuple[Period, ...] = ()
    zone: str = "UTC"
    failover: Failover | None = None
    formula: str = ""
    warm_up: int = WARM_UP_CALLS
    exploration: float = EXPLORATION
    peers: tuple[DialPeer, ...] = ()
    failover_lcr_ids: tuple[int, ...] = ()
    max_attempts: int = 0

    @cached_property
    def stage(self) -> Stage:
        """The entries of an LCR without dial peers."""
        return Stage(
            str(self.name or self.id),
            self.entries,
            self.order,
            self.percent_limit,
            self.margin_percent,
            None,
            self.allow_loss,
            self.formula,
            self.warm_up,
            self.exploration,
        )

    @cached_property
    def peer_stages(self) -> tuple[tuple[DialPeer, Stage], ...]:
        """The dial peers in order of priority, each with what it tries."""
        ordered = sorted((one for one in self.peers if one.enabled), key=lambda one: (one.priority, one.id))
        return tuple(
            (
                one,
                Stage(
                    f"{self.name or self.id}, dial peer {one.name or one.id}",
                    one.entries,
                    one.order,
                    margin_amount=one.margin_amount,
                    allow_loss=one.allow_loss or self.allow_loss,
                    formula=one.formula,
                    warm_up=self.warm_up,
                    exploration=self.exploration,
                ),
            )
            for one in ordered
        )

    def override_of(self, number: str) -> tuple[Override, str] | None:
        """The override whose prefix fits best, and that prefix."""
        by_prefix = self._by_prefix
        left: set[int] = set()
        for length in range(min(len(number), self._longest_prefix), 0, -1):
            found = by_prefix.get(number[:length])
            if found is not None:
                takers, holes = found
                for place in takers:
                    if place not in left:
                        return self.overrides[place], number[:length]
                left.update(holes)
        return None

    @cached_property
    def _by_prefix(self) -> dict[str, tuple[list[int], list[int]]]:
        """By prefix the places of the overrides that take it, the winner first, and of those with a hole there."""
        found: dict[str, tuple[list[int], list[int]]] = {}
        for place in sorted(range(len(self.overrides)), key=lambda one: _KINDS.index(self.overrides[one].kind)):
            for prefix in self.overrides[place].prefixes:
                found.setdefault(prefix, ([], []))[0].append(place)
            for prefix in self.overrides[place].holes:
                found.setdefault(prefix, ([], []))[1].append(place)
        return found

    @cached_property
    def _longest_prefix(self) -> int:
        return max(map(len, self._by_prefix), default=0)


_KINDS = tuple(OverrideKind)


def targets(lcr: Lcr) -> set[int]:
    """The LCRs that this one may hand a call to."""
    found = {one.lcr_id for one in lcr.overrides if one.lcr_id is not None}
    found.update(one.lcr_id for one in lcr.periods)
    found.update(lcr.failover_lcr_ids)
    return found


def loop_problems(lcrs: Mapping[int, Lcr]) -> list[str]:
    """Each circle in which LCRs hand calls to each other, as one sentence."""
    found: list[str] = []
    done: set[int] = set()

    def walk(id: int, path: list[int]) -> None:
        if id in path:
            circle = [*path[path.index(id) :], id]
            names = " to ".join(lcrs[one].name or f"LCR {one}" for one in circle)
            found.append(f"Calls would run in a circle, from {names}: remove one of these steps.")
            return
        if id in done or id not in lcrs:
            return
        for following in sorted(targets(lcrs[id])):
            walk(following, [*path, id])
        done.add(id)

    for id in sorted(lcrs):
        walk(id, [])
    return found


def named_prefixes(pattern: str, destinations: Iterable[tuple[str, str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The prefixes of the destinations whose name fits (% any text, _ any sign), and the holes in them.

    `destinations` are (prefix, name); case doesn't count.
    """
    known = list(destinations)
    fitting = {prefix for prefix, name in known if name_fits(pattern, name)}
    holes = {
        prefix
        for prefix, _ in known
        if prefix not in fitting and any(prefix[:cut] in fitting for cut in range(1, len(prefix)))
    }
    return tuple(sorted(fitting)), tuple(sorted(holes))


def name_fits(pattern: str, name: str) -> bool:
    """Whether a name fits a pattern with % and _, in time that grows no faster than their lengths multiplied."""
    pattern, name = pattern.casefold(), name.casefold()
    reached = [True] + [False] * len(name)
    for sign in pattern:
        if sign == "%":
            any_yet = False
            for place, one in enumerate(reached):
                any_yet = any_yet or one
                reached[place] = any_yet
        else:
            reached = [False] + [reached[place] and sign in ("_", letter) for place, letter in enumerate(name)]
    return reached[-1]
