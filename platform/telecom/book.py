"""An operator's book: everything a decision reads of one operator, frozen, and the books of all operators together.

Ids are those of the operator's own rows, except directory ids and account ids, which are platform-wide.
A book comes from a compact file (`telecom.bookfile`), in which the price lists stay mapped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from functools import cached_property

from telecom.conditions import Conditional, Jurisdiction
from telecom.deck import Deck, DeckRecord
from telecom.details import Detail
from telecom.gates import CallClass, Destinations, Emergency, Numbering, NumberList, Score
from telecom.lcr import Lcr as Lcr
from telecom.lcr import LcrEntry as LcrEntry
from telecom.lcr import LcrOrder as LcrOrder
from telecom.local_time import DayKind, local_day
from telecom.localization import Rule, RuleSet
from telecom.markup import Markup
from telecom.matching import EVERYTHING, Filter
from telecom.mnp import Mnp
from telecom.numbermap import NumberMap
from telecom.pools import Pool
from telecom.rating import ONE, Rate, Rounding, SecondsMode

DEFAULT_RING_SECONDS = 120
DEFAULT_MAX_SECONDS = 7200
FX_DECIMALS = Decimal("1e-12")

_CACHED_RATES = 1 << 16
_QUOTIENT = Context(prec=60)


class OperatorKind(StrEnum):
    """Only a Reseller PRO (and the owner, who is one) may use providers of its own."""

    RESELLER = "reseller"
    RESELLER_PRO = "reseller_pro"


class State(StrEnum):
    ACTIVE = "active"
    BLOCKED = "blocked"


class CallerIdPolicy(StrEnum):
    """FIXED: always the device's number. LISTED: what was sent if it is listed, else the device's number.
    PRESENTED: what was sent, or the device's number if nothing was."""

    FIXED = "fixed"
    LISTED = "listed"
    PRESENTED = "presented"


@dataclass(frozen=True, slots=True)
class Operator:
    """`fx` says what one unit of a currency is worth in the operator's base currency: base = amount * fx[currency]."""

    id: int
    parent_id: int | None
    kind: OperatorKind
    currency: str
    state: State = State.ACTIVE
    fx: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Customer:
    """A payer of this operator. A child operator is one too: then `operator_id` names it.

    `tariff_id` is what it pays by, `lcr_id` how its calls are routed (None: the parent's routing). Before its tariff
    come `custom_tariff_ids`, each for the prefixes it holds. `classes` are those of calls it may make (empty: all),
    `destinations` what has been opened for it (None: everything).
    """

    id: int
    account_id: int
    currency: str
    tariff_id: int | None
    lcr_id: int | None = None
    state: State = State.ACTIVE
    location_id: int | None = None
    call_account_id: int | None = None
    operator_id: int | None = None
    allow_loss: bool = False
    name: str = ""
    custom_tariff_ids: tuple[int, ...] = ()
    conditionals: tuple[Conditional, ...] = ()
    jurisdiction: Jurisdiction | None = None
    lists: tuple[NumberList, ...] = ()
    classes: tuple[CallClass, ...] = ()
    destinations: Destinations | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """`directory_id` is its platform-wide SIP identity. Without a location the customer's counts.

    `grace` None: the tariff's. `rules` are outgoing ones, for calls that are sent to the device; `location_rules` and
    then those of its rule group come before its location's. A tariff or LCR of its own stands before the customer's.
    `caller_text` and `called_text` are transformations of what it sends, before any rule. `caller_filter` refuses
    caller ids; one that is not in `valid_pool_id` is replaced by one drawn from `caller_pool_id`, which without the
    former replaces every one.
    """

    id: int
    directory_id: int
    customer_id: int
    location_id: int | None = None
    state: State = State.ACTIVE
    caller_id_policy: CallerIdPolicy = CallerIdPolicy.FIXED
    caller_id: str = ""
    caller_ids: tuple[str, ...] = ()
    call_account_id: int | None = None
    ring_seconds: int = DEFAULT_RING_SECONDS
    max_seconds: int = DEFAULT_MAX_SECONDS
    grace: int | None = None
    rules: tuple[Rule, ...] = ()
    name: str = ""
    location_rules: tuple[Rule, ...] = ()
    rule_group_id: int | None = None
    tariff_id: int | None = None
    lcr_id: int | None = None
    custom_tariff_ids: tuple[int, ...] = ()
    conditionals: tuple[Conditional, ...] = ()
    caller_text: str = ""
    called_text: str = ""
    caller_filter: Filter = EVERYTHING
    caller_pool_id: int | None = None
    valid_pool_id: int | None = None
    lists: tuple[NumberList, ...] = ()
    classes: tuple[CallClass, ...] = ()
    duplicate_seconds: int = 0


@dataclass(frozen=True)
class Location:
    """A set of number rules. `caller_text` and `called_text` are transformations, made when no rule of it fits."""

    id: int
    rules: tuple[Rule, ...] = ()
    name: str = ""
    caller_text: str = ""
    called_text: str = ""

    @cached_property
    def compiled(self) -> RuleSet:
        return RuleSet(self.rules)


@dataclass(frozen=True)
class RuleGroup:
    """Rules that several devices share: `rules` for the numbers they send, `outgoing` for calls sent to them."""

    id: int
    rules: tuple[Rule, ...] = ()
    outgoing: tuple[Rule, ...] = ()
    name: str = ""

    @cached_property
    def compiled(self) -> RuleSet:
        return RuleSet(self.rules)


@dataclass(frozen=True)
class Tariff:
    """A price list with its currency and how it counts.

    With a `markup` it is a by-provider tariff and its deck is not asked. `groups` are the details of a retail tariff,
    by the group that a row of its deck names. Kinds of days and times of the day are those of `zone`.
    """

    id: int
    currency: str
    deck: Deck
    rounding: Rounding = Rounding.INITIAL
    grace: int = 0
    grace_inclusive: bool = True
    free_seconds: int = 0
    seconds_mode: SecondsMode = SecondsMode.CEIL
    name: str = ""
    markup: Markup | None = None
    groups: Mapping[int, tuple[Detail, ...]] = field(default_factory=dict)
    zone: str = "UTC"
    _rates: dict[tuple[int, int | None], Rate] = field(default_factory=dict, init=False, repr=False, compare=False)

    def find(self, number: str, now: int, calendar: Mapping[str, DayKind]) -> tuple[str, DeckRecord] | None:
        """The prefix and the price that count for a number now. Raises KeyError or ValueError for a bad zone."""
        return self.deck.find(number, now, lambda: local_day(now, self.zone, calendar))

    def rate(self, record: DeckRecord, grace: int | None = None) -> Rate:
        """The price of a deck's record with this tariff's way of counting; `grace` in place of its own if given."""
        key = (record.index, grace)
        found = self._rates.get(key)
        if found is None:
            if len(self._rates) >= _CACHED_RATES:
                self._rates.clear()
            found = self._rates[key] = Rate(
                per_minute=record.per_minute,
                connection_fee=record.connection_fee,
                min_time=record.min_time,
                increment=record.increment,
                rounding=self.rounding,
                grace=self.grace if grace is None else grace,
                free_seconds=self.free_seconds,
                grace_inclusive=self.grace_inclusive,
                details=self.groups[record.group] if record.group else (),
            )
        return found


@dataclass(frozen=True)
class Provider:
    """A carrier of this operator. `account_id` is its account in the operator's books, in `currency`.

    `caller_text` and `called_text` are transformations of what is sent to it, made when none of its rules fits.
    `npdi`: it wants to know on the request line what the number portability table said.
    """

    id: int
    directory_id: int
    account_id: int
    currency: str
    tariff_id: int | None
    state: State = State.ACTIVE
    caller_rules: tuple[Rule, ...] = ()
    called_rules: tuple[Rule, ...] = ()
    ring_seconds: int = 60
    max_seconds: int = DEFAULT_MAX_SECONDS
    call_account_id: int | None = None
    retry_codes: tuple[int, ...] = ()
    stop_codes: tuple[int, ...] = ()
    name: str = ""
    caller_text: str = ""
    called_text: str = ""
    caller_filter: Filter = EVERYTHING
    lists: tuple[NumberList, ...] = ()
    npdi: bool = False

    @cached_property
    def caller_set(self) -> RuleSet:
        return RuleSet(self.caller_rules, outgoing=True)

    @cached_property
    def called_set(self) -> RuleSet:
        return RuleSet(self.called_rules, outgoing=True)


@dataclass(frozen=True)
class Book:
    """One operator's book. `version` is the operator's book_version it was built from.

    `global_location_id` is the Global location; a reseller has none (MOR: resellers' devices use no globals).
    `calendar` says by ISO date which days are free or working against the week's rule. `destinations` are what the
    operator has opened (None: everything), and hold for all below it too, as do its `lists`. `area_states` maps
    NPA-NXX to a state. `common_use` says, for each operator right below, which providers of this one it may name in its
    LCRs, and by which tariff of this one it then pays.
    """

    operator: Operator
    version: int = 0
    customers: Mapping[int, Customer] = field(default_factory=dict)
    devices: Mapping[int, Device] = field(default_factory=dict)
    locations: Mapping[int, Location] = field(default_factory=dict)
    tariffs: Mapping[int, Tariff] = field(default_factory=dict)
    lcrs: Mapping[int, Lcr] = field(default_factory=dict)
    providers: Mapping[int, Provider] = field(default_factory=dict)
    global_location_id: int | None = None
    prelocation_id: int | None = None
    rule_groups: Mapping[int, RuleGroup] = field(default_factory=dict)
    pools: Mapping[int, Pool] = field(default_factory=dict)
    mnp: Mnp | None = None
    area_states: NumberMap | None = None
    calendar: Mapping[str, DayKind] = field(default_factory=dict)
    lists: tuple[NumberList, ...] = ()
    destinations: Destinations | None = None
    numbering: Numbering | None = None
    score: Score | None = None
    emergency: Emergency | None = None
    duplicate_seconds: int = 0
    common_use: Mapping[int, Mapping[int, int]] = field(default_factory=dict)
    _device_rules: dict[int, RuleSet] = field(default_factory=dict, init=False, repr=False, compare=False)
    _factors: dict[tuple[str, str], Decimal] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def children(self) -> dict[int, Customer]:
        """The customer row of each child operator, by the operator's id."""
        return {one.operator_id: one for one in self.customers.values() if one.operator_id is not None}

    def device_rules(self, device: Device) -> RuleSet:
        """The device's own rules for the numbers it sends, compiled once."""
        found = self._device_rules.get(device.id)
        if found is None:
            found = self._device_rules[device.id] = RuleSet(device.location_rules)
        return found

    def factor(self, source: str, target: str) -> Decimal:
        """What to multiply an amount in `source` by to have it in `target`; KeyError for a currency without a rate.

        Exact when the target is the base currency; otherwise the quotient of two rates, HALF_UP to 12 decimals.
        """
        if source == target:
            return ONE
        found = self._factors.get((source, target))
        if found is None:
            fx, base = self.operator.fx, self.operator.currency
            above = ONE if source == base else fx[source]
            if target == base:
                found = above
            else:
                found = _QUOTIENT.divide(above, fx[target]).quantize(FX_DECIMALS, ROUND_HALF_UP, _QUOTIENT)
            self._factors[source, target] = found
        return found


class Books:
    """The books of all operators. `put` swaps one whole; a decision under way keeps the one it took."""

    def __init__(self, books: Iterable[Book] = ()) -> None:
        self._books: dict[int, Book] = {}
        self._directory: dict[int, tuple[int, int]] = {}
        for one in books:
            self.put(one)

    def put(self, book: Book) -> None:
        """Take a new book in place of the operator's old one."""
        mine = book.operator.id
        old = self._books.get(mine)
        self._books[mine] = book
        kept = {one.directory_id for one in book.devices.values()}
        self._directory.update((one.directory_id, (mine, one.id)) for one in book.devices.values())
        if old is not None:
            self._forget(old, kept)

    def drop(self, operator_id: int) -> None:
        """Forget an operator."""
        old = self._books.pop(operator_id, None)
        if old is not None:
            self._forget(old, set())

    def book(self, operator_id: int) -> Book | None:
        return self._books.get(operator_id)

    def device(self, directory_id: int) -> tuple[Book, Device] | None:
        """The device behind a platform-wide SIP identity, with its operator's book."""
        found = self._directory.get(directory_id)
        if found is None:
            return None
        book = self._books[found[0]]
        return book, book.devices[found[1]]

    def versions(self) -> dict[int, int]:
        """The version of each operator's book."""
        return {id: one.version for id, one in self._books.items()}

    def _forget(self, old: Book, kept: set[int]) -> None:
        for one in old.devices.values():
            if one.directory_id not in kept and self._directory.get(one.directory_id, (0,))[0] == old.operator.id:
                del self._directory[one.directory_id]
