"""Deciding a call: who pays what at every level, and which providers to try. Pure: books in, decision out.

The chain of a call: the caller's customer pays the caller's operator, that operator pays its parent as the parent's
customer, and so on to the root. Only the levels up to the owner of the provider that carries the call pay.
Source: rating-routing.md section 2 for the order of the steps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from telecom import causes
from telecom.book import DEFAULT_MAX_SECONDS, Book, Books, CallerIdPolicy, Customer, Device, State
from telecom.chain import (
    CallLimit,
    Dropped,
    Level,
    Payer,
    Price,
    RouteChoice,
    Step,
    limits_of,
    payers_of,
)
from telecom.localization import NO_EFFECTS, Localized, RuleKind, RuleSet, Scope, localize, rewrite
from telecom.numbers import caller_id, dialled_problem, e164_problem
from telecom.routing import Hop, Offer, Refused, Router

__all__ = [
    "Call",
    "CallLimit",
    "Decision",
    "Dropped",
    "Level",
    "Payer",
    "Price",
    "RouteChoice",
    "Step",
    "decide",
]


@dataclass(frozen=True, slots=True)
class Call:
    """A call attempt. `directory_id` is the caller's SIP identity without its letter ("d100023" -> 100023)."""

    directory_id: int
    called: str
    caller: str = ""


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

    def without_payer(self, account_id: int, because: int = causes.LOW_BALANCE) -> Decision:
        """What remains when this account can't pay: the routes that don't need it, or a refusal with that cause."""
        routes = tuple(one for one in self.routes if all(level.account_id != account_id for level in one.levels))
        step = Step("money", account_id, len(routes), "{}", (causes.cause(because).text,))
        if not routes:
            return replace(
                self,
                cause=because,
                sentence=causes.cause(because).text + ".",
                routes=(),
                payers=(),
                limits=(),
                trace=(*self.trace, step),
            )
        routes = tuple(replace(one, index=index) for index, one in enumerate(routes))
        return replace(
            self, routes=routes, payers=payers_of(routes), limits=limits_of(routes), trace=(*self.trace, step)
        )


def decide(books: Books, call: Call, now: int, *, max_routes: int = 20) -> Decision:
    """Decide a call at `now` (microseconds since 1970 UTC). Never raises for anything a caller can send."""
    run = _Run(books, call, now)
    try:
        return run.decide(max_routes)
    except Refused as refused:
        return run.refusal(refused)


class _Run:
    """One decision on its way: what is known so far, and the trace."""

    __slots__ = ("books", "book", "call", "customer", "device", "dropped", "now", "numbers", "trace")

    def __init__(self, books: Books, call: Call, now: int) -> None:
        self.books, self.call, self.now = books, call, now
        self.book: Book | None = None
        self.device: Device | None = None
        self.customer: Customer | None = None
        self.numbers = Localized(call.called, call.caller, (), NO_EFFECTS)
        self.trace: list[Step] = []
        self.dropped: list[Dropped] = []

    def decide(self, max_routes: int) -> Decision:
        book, device, customer = self._identify()
        hops = self._climb(book, customer)
        problem = dialled_problem(self.call.called)
        if problem:
            raise Refused(causes.BAD_NUMBER, problem, "dialled", self.call.called)
        received = self._present_caller_id(device)
        self._localize(book, device, customer, received)
        effects = self.numbers.effects
        if effects.owner_device_id is not None:
            device, customer = self._change_owner(book, effects.owner_device_id)
            hops[0] = Hop(book, customer)
        if effects.did:
            raise Refused(
                causes.UNCLEAR_DESTINATION,
                f"A number rule sends the call to the number {effects.did}, which takes no calls yet.",
                "number",
                self.numbers.called,
            )
        number = self.numbers.called
        problem = e164_problem(number)
        if problem:
            raise Refused(causes.BAD_NUMBER, problem, "number", number)
        router = Router(hops, device, effects, number, self.now, self.trace, self.dropped)
        offers = router.offers()
        routes = self._routes(offers, router, received, max_routes)
        if not routes:
            raise router.no_route()
        return Decision(
            operator_id=book.operator.id,
            customer_id=customer.id,
            device_id=device.id,
            number=number,
            caller_id=self.numbers.caller,
            caller_name=effects.cid_name,
            ring_seconds=device.ring_seconds,
            max_seconds=min(DEFAULT_MAX_SECONDS, device.max_seconds, min(one.max_seconds for one in routes)),
            routes=routes,
            payers=payers_of(routes),
            limits=limits_of(routes),
            dropped=tuple(self.dropped),
            trace=tuple(self.trace),
        )

    def refusal(self, refused: Refused) -> Decision:
        self.trace.append(Step(refused.step, refused.given, refused.cause, "{}", (refused.sentence,)))
        return Decision(
            cause=refused.cause,
            sentence=refused.sentence,
            operator_id=self.book.operator.id if self.book else 0,
            customer_id=self.customer.id if self.customer else 0,
            device_id=self.device.id if self.device else 0,
            number=self.numbers.called,
            caller_id=self.numbers.caller,
            dropped=tuple(self.dropped),
            trace=tuple(self.trace),
        )

    def _identify(self) -> tuple[Book, Device, Customer]:
        found = self.books.device(self.call.directory_id)
        if found is None:
            raise Refused(causes.UNKNOWN_CALLER, "Nobody knows who calls.", "identity", self.call.directory_id)
        self.book, self.device = found
        return self.book, *self._owner(self.book, self.device)

    def _owner(self, book: Book, device: Device) -> tuple[Device, Customer]:
        self.device = device
        self.customer = customer = book.customers.get(device.customer_id)
        if customer is None:
            raise Refused(causes.UNKNOWN_CALLER, "The device belongs to no customer.", "identity", device.directory_id)
        if device.state is not State.ACTIVE:
            raise Refused(causes.BLOCKED, "The device is blocked.", "state", device.id)
        if customer.state is not State.ACTIVE:
            raise Refused(causes.BLOCKED, "The customer is blocked.", "state", customer.id)
        self.trace.append(Step("identity", device.directory_id, (book.operator.id, customer.id, device.id)))
        return device, customer

    def _climb(self, book: Book, customer: Customer) -> list[Hop]:
        """The chain from the caller's operator to the root; every link must be there and in good standing."""
        hops = [Hop(book, customer)]
        seen = {book.operator.id}
        while True:
            operator = book.operator
            if operator.state is not State.ACTIVE:
                raise Refused(causes.OPERATOR_BLOCKED, "The reseller is blocked.", "chain", operator.id)
            if operator.parent_id is None:
                self.trace.append(Step("chain", len(hops), tuple(one.book.operator.id for one in hops)))
                return hops
            parent = self.books.book(operator.parent_id)
            row = parent.children.get(operator.id) if parent is not None else None
            if parent is None or row is None or operator.parent_id in seen:
                raise Refused(causes.TEMPORARY_FAILURE, "The chain of resellers is not loaded.", "chain", operator.id)
            if row.state is not State.ACTIVE:
                raise Refused(causes.OPERATOR_BLOCKED, "The reseller is blocked.", "chain", operator.id)
            seen.add(operator.parent_id)
            hops.append(Hop(parent, row))
            book = parent

    def _present_caller_id(self, device: Device) -> str:
        sent = caller_id(self.call.caller)
        if device.caller_id_policy is CallerIdPolicy.PRESENTED:
            chosen = sent or device.caller_id
        elif device.caller_id_policy is CallerIdPolicy.LISTED and sent in device.caller_ids:
            chosen = sent
        else:
            chosen = device.caller_id
        why = "the policy of the device is {}"
        self.trace.append(Step("caller id", self.call.caller, chosen, why, (device.caller_id_policy.value,)))
        return chosen

    def _localize(self, book: Book, device: Device, customer: Customer, caller: str) -> None:
        self.numbers = Localized(self.call.called, caller, (), NO_EFFECTS)
        if book.prelocation_id is not None:
            layers = _layers(book, book.prelocation_id, None)
            self.numbers = localize(self.call.called, caller, layers, combined=False)
            self._trace_rules("prelocalization")
        location_id = customer.location_id if device.location_id is None else device.location_id
        layers = _layers(book, location_id, book.global_location_id)
        self.numbers = localize(self.numbers.called, self.numbers.caller, layers)
        self._trace_rules("localization")

    def _trace_rules(self, name: str) -> None:
        for one in self.numbers.fired:
            why = "rule {} of the {}: {}"
            details = (one.rule.name or one.rule.id, one.scope.value, one.why)
            self.trace.append(Step(f"{name}: {one.rule.kind.value}", one.before, one.after, why, details))
        if not self.numbers.fired:
            self.trace.append(Step(name, self.numbers.called, self.numbers.called, "no rule fits"))

    def _change_owner(self, book: Book, device_id: int) -> tuple[Device, Customer]:
        device = book.devices.get(device_id)
        if device is None:
            raise Refused(
                causes.UNKNOWN_CALLER, "A number rule gives the call to a device that is gone.", "owner", device_id
            )
        return self._owner(book, device)

    def _routes(self, offers: tuple[Offer, ...], router: Router, received: str, most: int) -> tuple[RouteChoice, ...]:
        found: list[RouteChoice] = []
        for offer in offers[:most]:
            provider = offer.provider
            number, called_rule = rewrite(
                provider.called_set, RuleKind.DESTINATION, self.numbers.called, self.call.called
            )
            caller, caller_rule = rewrite(provider.caller_set, RuleKind.CALLER_ID, self.numbers.caller, received)
            if called_rule is not None or caller_rule is not None:
                given = (self.numbers.called, self.numbers.caller)
                self.trace.append(Step("provider rules", given, (number, caller), "provider {}", (provider.id,)))
            if not number:
                why = "The provider's rules leave nothing of the number."
                self.dropped.append(Dropped(offer.operator_id, provider.id, causes.BAD_NUMBER, why))
                continue
            found.append(
                RouteChoice(
                    index=len(found),
                    operator_id=offer.operator_id,
                    provider_id=provider.id,
                    directory_id=provider.directory_id,
                    number=number,
                    caller_id=caller,
                    ring_seconds=provider.ring_seconds,
                    max_seconds=provider.max_seconds,
                    account_id=provider.account_id,
                    currency=provider.currency,
                    cost=offer.cost,
                    cost_fx=offer.cost_fx,
                    levels=router.levels(offer.depth),
                    call_account_id=provider.call_account_id,
                    retry_codes=provider.retry_codes,
                    stop_codes=provider.stop_codes,
                )
            )
        return tuple(found)


def _layers(book: Book, near: int | None, far: int | None) -> list[tuple[Scope, RuleSet]]:
    found: list[tuple[Scope, RuleSet]] = []
    for scope, location_id in ((Scope.LOCATION, near), (Scope.GLOBAL, far)):
        location = book.locations.get(location_id) if location_id is not None else None
        if location is not None and not (scope is Scope.GLOBAL and far == near):
            found.append((scope, location.compiled))
    return found
