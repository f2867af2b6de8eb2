"""Deciding a call: who pays what at every level, and which providers to try. Pure: books in, decision out.

The chain of a call: the caller's customer pays the caller's operator, that operator pays its parent as the parent's
customer, and so on to the root. Only the levels up to the owner of the provider that carries the call pay.
Source: rating-routing.md section 2 for the order of the steps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from telecom import causes
from telecom.book import DEFAULT_MAX_SECONDS, Book, Books, Customer, Device, State
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
from telecom.facts import NOTHING_KNOWN, Facts
from telecom.gates import LONGEST_EMERGENCY
from telecom.linear import ExpressionError
from telecom.localization import NO_EFFECTS, Effects, Localized, RuleKind, RuleSet, Scope, localize
from telecom.mnp import Ported, without_prefix
from telecom.numbers import caller_id, dialled_problem, e164_problem
from telecom.permission import check_permission, presented_caller_id
from telecom.routing import Router
from telecom.selling import Asked, Hop, Refused
from telecom.sending import free_routes, routes_of
from telecom.transform import TransformError, transform

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


# No chain of operators is as high; a book that names itself as its parent ends there.
_HIGHEST = 64


@dataclass(frozen=True, slots=True)
class Call:
    """A call attempt. `directory_id` is the caller's SIP identity without its letter ("d100023" -> 100023).

    `pai` is the number of its P-Asserted-Identity, `address` the IP address it came from.
    """

    directory_id: int
    called: str
    caller: str = ""
    pai: str = ""
    address: str = ""


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


def decide(books: Books, call: Call, now: int, *, max_routes: int = 20, facts: Facts = NOTHING_KNOWN) -> Decision:
    """Decide a call at `now` (microseconds since 1970 UTC). Never raises for anything a caller can send."""
    run = _Run(books, call, now, facts)
    try:
        return run.decide(max_routes)
    except Refused as refused:
        return run.refusal(refused)
    except ExpressionError as error:
        return run.refusal(Refused(causes.TEMPORARY_FAILURE, str(error), "expression", call.called))


class _Run:
    """One decision on its way: what is known so far, and the trace."""

    __slots__ = ("books", "book", "call", "customer", "device", "dropped", "facts", "now", "numbers", "ported", "trace")

    def __init__(self, books: Books, call: Call, now: int, facts: Facts) -> None:
        self.books, self.call, self.now, self.facts = books, call, now, facts
        self.book: Book | None = None
        self.device: Device | None = None
        self.customer: Customer | None = None
        self.numbers = Localized(call.called, call.caller, (), NO_EFFECTS)
        self.ported: Ported | None = None
        self.trace: list[Step] = []
        self.dropped: list[Dropped] = []

    def decide(self, max_routes: int) -> Decision:
        book, device, customer = self._identify()
        emergency = self._emergency(book, device, customer)
        if emergency is not None:
            return emergency
        self._check_state(device, customer)
        hops = self._climb(book, customer)
        problem = dialled_problem(self.call.called)
        if problem:
            raise Refused(causes.BAD_NUMBER, problem, "dialled", self.call.called)
        received = presented_caller_id(
            book, device, caller_id(self.call.caller), self.call, self.now, self.facts, self.trace
        )
        self._localize(book, device, customer, received)
        effects = self.numbers.effects
        if effects.owner_device_id is not None or effects.owner_directory_id is not None:
            book, device, customer, effects = self._change_owner(book, effects)
            hops = self._climb(book, customer)
        if effects.did:
            raise Refused(
                causes.UNCLEAR_DESTINATION,
                f"A number rule sends the call to the number {effects.did}, which takes no calls yet.",
                "number",
                self.numbers.called,
            )
        number = self.numbers.called
        problem = e164_problem(without_prefix(number, self.ported))
        if problem:
            raise Refused(causes.BAD_NUMBER, problem, "number", number)
        asked = Asked(
            device, effects, number, self.numbers.caller, caller_id(self.call.pai), self.now, self.facts, self.ported
        )
        asked = check_permission(hops, asked, self.call.address, self.trace)
        router = Router(hops, asked, self.trace, self.dropped)
        offers = router.offers()
        routes = routes_of(offers[:max_routes], asked, self.call.called, received, self.trace, self.dropped)
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
        return device, customer

    def _check_state(self, device: Device, customer: Customer) -> None:
        if device.state is not State.ACTIVE:
            raise Refused(causes.BLOCKED, "The device is blocked.", "state", device.id)
        if customer.state is not State.ACTIVE:
            raise Refused(causes.BLOCKED, "The customer is blocked.", "state", customer.id)
        operator_id = self.book.operator.id if self.book else 0
        self.trace.append(Step("identity", device.directory_id, (operator_id, customer.id, device.id)))

    def _emergency(self, book: Book, device: Device, customer: Customer) -> Decision | None:
        """The call, if it is one for help: of the nearest operator that says how, whatever stands against it."""
        if len(self.call.called) > LONGEST_EMERGENCY:
            return None
        hops: list[Hop] = []
        above: Book | None = book
        payer: Customer | None = customer
        while above is not None and payer is not None and len(hops) < _HIGHEST:
            hops.append(Hop(above, payer))
            if above.emergency is not None and self.call.called in above.emergency.numbers:
                routes = free_routes(hops, device, self.call.called)
                if not routes:
                    return None
                why = "an emergency number: nothing stands before it"
                self.trace.append(Step("emergency", self.call.called, len(routes), why))
                return Decision(
                    operator_id=book.operator.id,
                    customer_id=customer.id,
                    device_id=device.id,
                    number=self.call.called,
                    caller_id=device.caller_id,
                    ring_seconds=device.ring_seconds,
                    max_seconds=DEFAULT_MAX_SECONDS,
                    routes=routes,
                    trace=tuple(self.trace),
                )
            child, above = above.operator, self._parent_of(above)
            payer = above.children.get(child.id) if above is not None else None
        return None

    def _parent_of(self, book: Book) -> Book | None:
        return self.books.book(book.operator.parent_id) if book.operator.parent_id is not None else None

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

    def _localize(self, book: Book, device: Device, customer: Customer, caller: str) -> None:
        called = self._transformed("device", device.called_text, self.call.called)
        caller = self._transformed("device's caller id", device.caller_text, caller)
        self.numbers = Localized(called, caller, (), NO_EFFECTS)
        if book.prelocation_id is not None:
            layers = _layers(book, book.prelocation_id, None)
            self.numbers = localize(called, caller, layers, combined=False)
            self._trace_rules("prelocalization")
        if book.mnp is not None:
            self._look_up(book)
        location_id = customer.location_id if device.location_id is None else device.location_id
        layers = _device_layers(book, device) + _layers(book, location_id, book.global_location_id)
        self.numbers = localize(self.numbers.called, self.numbers.caller, layers)
        self._trace_rules("localization")
        self._transform_unruled(book, location_id)

    def _look_up(self, book: Book) -> None:
        assert book.mnp is not None
        called = self.numbers.called
        self.ported = ported = book.mnp.look_up(called)
        if ported.hit:
            why, details = "the number was taken to the carrier {}", (ported.prefix,)
            self.trace.append(Step("portability", called, ported.number, why, details))
            self.numbers = self.numbers._replace(called=ported.number)
        else:
            self.trace.append(Step("portability", called, called, "the number is not in the table"))

    def _transform_unruled(self, book: Book, location_id: int | None) -> None:
        """A location's transformations, for each number that none of its rules changed."""
        location = book.locations.get(location_id) if location_id is not None else None
        if location is None and book.global_location_id is not None:
            location = book.locations.get(book.global_location_id)
        if location is None or not (location.called_text or location.caller_text):
            return
        kinds = {one.rule.kind for one in self.numbers.fired}
        if not kinds & {RuleKind.COMBINED, RuleKind.DESTINATION}:
            called = self._transformed("location", location.called_text, self.numbers.called)
            self.numbers = self.numbers._replace(called=called)
        if RuleKind.CALLER_ID not in kinds:
            caller = self._transformed("location's caller id", location.caller_text, self.numbers.caller)
            self.numbers = self.numbers._replace(caller=caller)

    def _transformed(self, place: str, text: str, number: str) -> str:
        if not text:
            return number
        try:
            found = transform(text, number, self.facts.dice)
        except TransformError as error:
            raise Refused(causes.TEMPORARY_FAILURE, str(error), "transformation", number) from None
        self.trace.append(Step("transformation", number, found.number, "{}: {}", (place, found.part or "nothing fits")))
        return found.number

    def _trace_rules(self, name: str) -> None:
        for one in self.numbers.fired:
            why = "rule {} of the {}: {}"
            details = (one.rule.name or one.rule.id, one.scope.value, one.why)
            self.trace.append(Step(f"{name}: {one.rule.kind.value}", one.before, one.after, why, details))
        if not self.numbers.fired:
            self.trace.append(Step(name, self.numbers.called, self.numbers.called, "no rule fits"))

    def _change_owner(self, book: Book, effects: Effects) -> tuple[Book, Device, Customer, Effects]:
        """The device that a rule gives the call to: the operator's own, or one of an operator below it."""
        gone = "A number rule gives the call to a device that is gone."
        if effects.owner_directory_id is None:
            device = book.devices.get(effects.owner_device_id or 0)
            found = None if device is None else (book, device)
        else:
            found = self.books.device(effects.owner_directory_id)
        if found is None:
            raise Refused(causes.UNKNOWN_CALLER, gone, "owner", effects.owner_directory_id or effects.owner_device_id)
        new, device = found
        if not self._is_below(new, book):
            text = "A number rule gives the call to a device of an operator that is not below this one."
            raise Refused(causes.UNKNOWN_CALLER, text, "owner", effects.owner_directory_id)
        self.book = new
        _, customer = self._owner(new, device)
        self._check_state(device, customer)
        if new is not book:  # a tariff and an LCR are those of the rule's operator, and mean nothing below
            effects = replace(effects, tariff_id=None, lcr_id=None)
        return new, device, customer, effects

    def _is_below(self, book: Book, above: Book) -> bool:
        climbed: Book | None = book
        for _ in range(_HIGHEST):
            if climbed is None or climbed is above:
                break
            climbed = self._parent_of(climbed)
        return climbed is above


def _device_layers(book: Book, device: Device) -> list[tuple[Scope, RuleSet]]:
    found: list[tuple[Scope, RuleSet]] = []
    if device.location_rules:
        found.append((Scope.DEVICE, book.device_rules(device)))
    group = book.rule_groups.get(device.rule_group_id) if device.rule_group_id is not None else None
    if group is not None:
        found.append((Scope.GROUP, group.compiled))
    return found


def _layers(book: Book, near: int | None, far: int | None) -> list[tuple[Scope, RuleSet]]:
    found: list[tuple[Scope, RuleSet]] = []
    for scope, location_id in ((Scope.LOCATION, near), (Scope.GLOBAL, far)):
        location = book.locations.get(location_id) if location_id is not None else None
        if location is not None and not (scope is Scope.GLOBAL and far == near):
            found.append((scope, location.compiled))
    return found
