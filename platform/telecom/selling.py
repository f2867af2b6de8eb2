"""What each level of a chain pays for one call: which tariff counts, and what it says. Source: rating-routing.md 5.

The tariff of a payer: one set by a number rule, else by a condition, else a custom one that knows the number, else by
jurisdiction, else the device's, else its own. A by-provider tariff has a price only once the route is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from telecom import causes
from telecom.book import Book, Customer, Device, Tariff
from telecom.chain import CallLimit, Level, Price, Step
from telecom.conditions import Choice, first_condition, reach_of
from telecom.facts import Facts
from telecom.localization import Effects
from telecom.mnp import Ported
from telecom.rating import EXACT, ONE, Rate

_NOTHING = Choice()


class Refused(Exception):
    """The call ends here, with this cause and sentence. Never leaves `decide`."""

    def __init__(self, cause: int, sentence: str, step: str, given: Any) -> None:
        super().__init__(sentence)
        self.cause, self.sentence, self.step, self.given = cause, sentence, step, given


class Hop(NamedTuple):
    """One operator of the chain, and who pays it for this call."""

    book: Book
    payer: Customer


class Asked(NamedTuple):
    """What is asked for: the numbers after all rules, when, and what is known besides."""

    device: Device
    effects: Effects
    number: str
    caller: str
    pai: str
    now: int
    facts: Facts
    ported: Ported | None = None


class Bought(NamedTuple):
    """What a level is bought for: a rate, what turns it into the base of the level's operator, and its prefix."""

    rate: Rate
    to_base: Decimal
    prefix: str


class Seller:
    """The prices of one call's levels, each worked out when first asked for. Writes into the trace it is given."""

    def __init__(self, hops: list[Hop], asked: Asked, trace: list[Step]) -> None:
        self._hops, self._asked, self._trace = hops, asked, trace
        self._levels: list[Level | Tariff | Refused] = []
        self._switched: dict[tuple[int, int], Level] = {}
        self._choices: dict[int, Choice] = {}

    def shared(self, depth: int) -> Level | None:
        """What the payer pays whatever the route; None: by a by-provider tariff. Raises Refused."""
        while len(self._levels) <= depth:
            try:
                self._levels.append(self._sell(len(self._levels)))
            except Refused as refused:
                self._levels.append(refused)
        found = self._levels[depth]
        if isinstance(found, Refused):
            raise found
        return found if isinstance(found, Level) else None

    def level(self, depth: int, bought: Bought) -> Level:
        """What the payer pays for a route that is bought so. Raises Refused."""
        known = self._levels[depth] if depth < len(self._levels) else self.shared(depth)
        if isinstance(known, Level):
            return known
        self.shared(depth)
        tariff = self._levels[depth]
        assert isinstance(tariff, Tariff) and tariff.markup is not None
        book, payer = self._hops[depth]
        operator = book.operator
        try:
            fx = EXACT.multiply(bought.to_base, book.factor(operator.currency, tariff.currency))
            own_fx = book.factor(tariff.currency, payer.currency)
        except KeyError as missing:
            raise self._no_exchange(depth, missing) from None
        grace = self._grace(depth)
        rate = tariff.markup.rate(
            bought.rate,
            fx,
            tariff.grace if grace is None else grace,
            tariff.free_seconds,
            tariff.grace_inclusive,
        )
        price = Price(rate, own_fx, tariff.id, bought.prefix, tariff.currency, tariff.seconds_mode)
        why = "customer {} pays {} by provider: {} percent and {} more"
        details = (payer.id, bought.rate.per_minute, tariff.markup.percent, tariff.markup.delta)
        self._trace.append(Step("price", operator.id, rate.per_minute, why, details))
        return self._made(depth, price)

    def switched(self, depth: int, tariff_id: int) -> Level:
        """What the payer pays by another tariff, that of a failover provider. Raises Refused."""
        found = self._switched.get((depth, tariff_id))
        if found is None:
            book, payer = self._hops[depth]
            tariff = book.tariffs.get(tariff_id)
            if tariff is None or tariff.markup is not None:
                raise Refused(causes.NO_RATE, "The failover's tariff is gone.", "price", book.operator.id)
            price = price_of(book, tariff, payer.currency, self._asked, self._grace(depth), self._no_rate(depth))
            found = self._switched[depth, tariff_id] = self._made(depth, price)
        return found

    def choice(self, depth: int) -> Choice:
        """The tariff and LCR that conditions and jurisdiction set for a level."""
        found = self._choices.get(depth)
        if found is None:
            found = self._choices[depth] = self._choose(depth)
        return found

    # -- which tariff -------------------------------------------------------------------------------------------------

    def _choose(self, depth: int) -> Choice:
        book, payer = self._hops[depth]
        asked = self._asked
        own = asked.device.conditionals if depth == 0 else ()
        if not (own or payer.conditionals or payer.jurisdiction):
            return _NOTHING
        found = first_condition((*own, *payer.conditionals), asked.caller, asked.pai, asked.number) or _NOTHING
        if found is not _NOTHING:
            self._trace.append(Step("condition", book.operator.id, found[:2], "{} takes the call", (found.why,)))
        elif payer.jurisdiction is not None:
            reach = reach_of(asked.caller, asked.number, book.area_states)
            found = payer.jurisdiction.choice(reach)
            self._trace.append(Step("jurisdiction", reach.value, found[:2], "{}", (found.why,)))
        return found

    def _tariffs(self, depth: int) -> Iterator[tuple[int | None, bool, str]]:
        """(tariff, whether another one follows if it doesn't know the number, why), in the order they count."""
        _, payer = self._hops[depth]
        asked = self._asked
        if depth == 0 and asked.effects.tariff_id is not None:
            yield asked.effects.tariff_id, False, "a number rule"
            return
        choice = self.choice(depth)
        if choice.tariff_id is not None and not choice.is_default:
            yield choice.tariff_id, False, choice.why
            return
        for id in (*(asked.device.custom_tariff_ids if depth == 0 else ()), *payer.custom_tariff_ids):
            yield id, True, "a custom tariff"
        if choice.tariff_id is not None:
            yield choice.tariff_id, False, choice.why
        elif depth == 0 and asked.device.tariff_id is not None:
            yield asked.device.tariff_id, False, "the device"
        else:
            yield payer.tariff_id, False, ""

    def _sell(self, depth: int) -> Level | Tariff:
        book, payer = self._hops[depth]
        operator = book.operator
        no_rate = self._no_rate(depth)
        for tariff_id, falls_through, because in self._tariffs(depth):
            tariff = book.tariffs.get(tariff_id) if tariff_id is not None else None
            if tariff is None:
                if falls_through:
                    continue
                text = f"{causes.cause(no_rate).text}: customer {payer.name or payer.id} has no tariff."
                raise Refused(no_rate, text, "price", operator.id)
            if tariff.markup is not None:
                self._trace.append(Step("tariff", operator.id, tariff.id, "customer {} pays by provider", (payer.id,)))
                return tariff
            if falls_through and _found(tariff, self._asked, book) is None:
                continue
            price = price_of(book, tariff, payer.currency, self._asked, self._grace(depth), no_rate)
            level = self._made(depth, price)
            why = "customer {} pays by tariff {}, prefix {}, times {}" + (", set by {}" if because else "")
            details = (payer.id, tariff.id, price.prefix, price.fx, because)
            self._trace.append(Step("price", operator.id, price.rate.per_minute, why, details))
            return level
        raise AssertionError("the last tariff never falls through")

    # -- the level ----------------------------------------------------------------------------------------------------

    def _made(self, depth: int, price: Price) -> Level:
        book, payer = self._hops[depth]
        operator = book.operator
        below = self._hops[depth - 1].book if depth else None
        try:
            base_fx = book.factor(payer.currency, operator.currency)
            payer_fx = below.factor(payer.currency, below.operator.currency) if below else ONE
        except KeyError:
            text = f"There is no exchange rate for {payer.currency}."
            raise Refused(self._no_rate(depth), text, "price", operator.id) from None
        own_limit = causes.OPERATOR_CALLS if depth else causes.CUSTOMER_CALLS
        limits = () if payer.call_account_id is None else (CallLimit(payer.call_account_id, own_limit),)
        if depth == 0 and self._asked.device.call_account_id is not None:
            limits = (CallLimit(self._asked.device.call_account_id, causes.DEVICE_CALLS), *limits)
        return Level(
            operator.id,
            payer.id,
            payer.account_id,
            payer.currency,
            price,
            limits,
            operator.currency,
            base_fx,
            payer_fx,
        )

    def _grace(self, depth: int) -> int | None:
        return None if depth else self._asked.device.grace

    def _no_rate(self, depth: int) -> int:
        return causes.OPERATOR_NO_RATE if depth else causes.NO_RATE

    def _no_exchange(self, depth: int, missing: KeyError) -> Refused:
        text = f"There is no exchange rate for {missing.args[0]}."
        return Refused(self._no_rate(depth), text, "price", self._hops[depth].book.operator.id)


def _found(tariff: Tariff, asked: Asked, book: Book) -> Any:
    try:
        return tariff.find(asked.number, asked.now, book.calendar)
    except (KeyError, ValueError, OSError):
        return None


def price_of(
    book: Book,
    tariff: Tariff,
    currency: str,
    asked: Asked,
    grace: int | None,
    no_rate: int,
    blocked: int = causes.BLOCKED_RATE,
) -> Price:
    """The frozen price of the number in a tariff, for an account in `currency`. Raises Refused."""
    try:
        found = tariff.find(asked.number, asked.now, book.calendar)
    except (KeyError, ValueError, OSError):
        text = f"Tariff {tariff.name or tariff.id} has a time zone that doesn't exist."
        raise Refused(no_rate, text, "price", book.operator.id) from None
    if found is None:
        text = f"{causes.cause(no_rate).text}: tariff {tariff.name or tariff.id} doesn't know it."
        raise Refused(no_rate, text, "price", book.operator.id)
    prefix, record = found
    if record.blocked:
        raise Refused(blocked, f"{causes.cause(blocked).text}: prefix {prefix}.", "price", book.operator.id)
    try:
        fx = book.factor(tariff.currency, currency)
        rate = tariff.rate(record, grace)
    except KeyError as missing:
        text = f"There is no exchange rate for {missing.args[0]}."
        if record.group and missing.args[0] == record.group:
            text = f"Tariff {tariff.name or tariff.id} has no details of group {record.group}."
        raise Refused(no_rate, text, "price", book.operator.id) from None
    return Price(rate, fx, tariff.id, prefix, tariff.currency, tariff.seconds_mode)
