"""Deciding a call: who pays what at every level, and which providers to try. Pure: books in, decision out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from telecom.book import Books
from telecom.rating import Rate, SecondsMode


@dataclass(frozen=True, slots=True)
class Call:
    """A call attempt. `directory_id` is the caller's SIP identity without its letter ("d100023" -> 100023)."""

    directory_id: int
    called: str
    caller: str = ""


class Step(NamedTuple):
    """One step of the trace. `why` may hold {} places for `details`; `text()` makes a sentence of it."""

    name: str
    given: Any
    result: Any
    why: str
    details: tuple[Any, ...] = ()

    def text(self) -> str:
        return self.why.format(*self.details)


@dataclass(frozen=True, slots=True)
class Price:
    """A rate frozen for one call, with where it came from. `fx` turns it into the account's currency."""

    rate: Rate
    fx: Decimal
    tariff_id: int
    prefix: str
    tariff_currency: str
    seconds_mode: SecondsMode


@dataclass(frozen=True, slots=True)
class CallLimit:
    """A simultaneous-call account (unit CALL) to hold one call of, and the hang-up cause when it is full."""

    account_id: int
    cause: int


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the chain that pays: at `operator_id` the customer pays from `account_id` in `currency`.

    `base_fx` turns the account's currency into the operator's base. `payer_fx` turns it into the base of the operator
    that pays here (the level below), whose cost it is; 1 at the caller's own level, where a customer pays.
    """

    operator_id: int
    customer_id: int
    account_id: int
    currency: str
    price: Price
    limits: tuple[CallLimit, ...]
    base_currency: str
    base_fx: Decimal
    payer_fx: Decimal


@dataclass(frozen=True, slots=True)
class RouteChoice:
    """One provider to try. `levels` pay if it answers, the caller's operator first, the provider's owner last.

    `cost` is what the provider is paid, in `currency` of its account; `cost_fx` turns that into the owner's base.
    """

    index: int
    operator_id: int
    provider_id: int
    directory_id: int
    number: str
    caller_id: str
    ring_seconds: int
    max_seconds: int
    account_id: int
    currency: str
    cost: Price
    cost_fx: Decimal
    levels: tuple[Level, ...]
    call_account_id: int | None = None
    retry_codes: tuple[int, ...] = ()
    stop_codes: tuple[int, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Payer:
    """An account that any offered route would charge, with every different price it may be charged at."""

    account_id: int
    operator_id: int
    depth: int
    currency: str
    prices: tuple[Price, ...]

    def hold(self, seconds: int) -> Decimal:
        """The charge of `seconds` of talk at the dearest route offered."""
        raise NotImplementedError

    def affordable(self, available: Decimal, cap: int) -> int:
        """The most seconds that `available` buys whichever route answers."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Dropped:
    """A candidate that was not taken. `provider_id` None: the parent's routing."""

    operator_id: int
    provider_id: int | None
    cause: int
    why: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with a call. Refused when `cause` is not 0: then `sentence` says why and there are no routes.

    `operator_id`, `customer_id`, `device_id` say whose call it is as far as it was found out (0 = not).
    `payers` come in the order of the chain, the caller's customer first; `limits` likewise.
    """

    cause: int = 0
    sentence: str = ""
    operator_id: int = 0
    customer_id: int = 0
    device_id: int = 0
    number: str = ""
    caller_id: str = ""
    caller_name: str = ""
    ring_seconds: int = 0
    max_seconds: int = 0
    routes: tuple[RouteChoice, ...] = ()
    payers: tuple[Payer, ...] = ()
    limits: tuple[CallLimit, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    trace: tuple[Step, ...] = ()

    @property
    def refused(self) -> bool:
        return self.cause != 0

    def without_payer(self, account_id: int) -> Decision:
        """The decision that remains when this account can't pay: only routes that don't need it."""
        raise NotImplementedError


def decide(books: Books, call: Call, now: int, *, max_routes: int = 20) -> Decision:
    """Decide a call at `now` (microseconds since 1970 UTC). Never raises for anything a caller can send."""
    raise NotImplementedError
