"""Which providers may carry a call, in which order, and what each level pays: the candidates of a whole chain.

Every operator orders what it has: its own providers (if it is a Reseller PRO or the root) and its parent's routing as
one candidate, which costs what the parent charges and stands for all that the parent offers, in the parent's order.
Prices are compared per minute, in the base currency of the operator that compares. Source: rating-routing.md 5 and 9.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from telecom import causes
from telecom.book import Book, Customer, Device, Lcr, LcrEntry, LcrOrder, OperatorKind, Provider, State, Tariff
from telecom.chain import CallLimit, Dropped, Level, Price, Step
from telecom.localization import Effects
from telecom.rating import EXACT, ONE

_HUNDRED = Decimal(100)
_PARENT_ONLY = Lcr(0, LcrOrder.PRIORITY, (LcrEntry(None),), name="the parent's routing")


class Refused(Exception):
    """The call ends here, with this cause and sentence. Never leaves `decide`."""

    def __init__(self, cause: int, sentence: str, step: str, given: Any) -> None:
        super().__init__(sentence)
        self.cause, self.sentence, self.step, self.given = cause, sentence, step, given


class Hop(NamedTuple):
    """One operator of the chain, and who pays it for this call."""

    book: Book
    payer: Customer


class Offer(NamedTuple):
    """A provider that can carry the call, `depth` levels up the chain; `cost_fx` is to the owner's base."""

    depth: int
    operator_id: int
    provider: Provider
    cost: Price
    cost_fx: Decimal


class _Ranked(NamedTuple):
    """A candidate of one operator: its price per minute in that operator's base, and the offers it stands for."""

    per_minute: Decimal
    priority: int
    id: int
    offers: tuple[Offer, ...]


class Router:
    """The routing of one call. Writes into the trace and the list of dropped candidates that it is given."""

    def __init__(
        self,
        hops: list[Hop],
        device: Device,
        effects: Effects,
        number: str,
        now: int,
        trace: list[Step],
        dropped: list[Dropped],
    ) -> None:
        self._hops, self._device, self._effects = hops, device, effects
        self._number, self._now = number, now
        self._trace, self._dropped = trace, dropped
        self._levels: list[Level | Refused] = []

    def offers(self) -> tuple[Offer, ...]:
        """Every provider that may be tried, in order. Raises Refused when the caller has no price."""
        self._level(0)
        return self._offers(0)

    def levels(self, depth: int) -> tuple[Level, ...]:
        """The levels that pay for an offer of this depth."""
        return tuple(one for one in self._levels[: depth + 1] if isinstance(one, Level))

    def no_route(self) -> Refused:
        """Why nothing is left: the one cause that dropped every candidate, or that there is no suitable provider."""
        found = {one.cause for one in self._dropped}
        cause = found.pop() if len(found) == 1 else causes.NO_PROVIDER
        return Refused(cause, f"{causes.cause(cause).text}.", "routing", self._number)

    # -- prices -------------------------------------------------------------------------------------------------------

    def _level(self, depth: int) -> Level:
        """What the payer of a level pays; worked out when first asked for. Raises Refused."""
        while len(self._levels) <= depth:
            try:
                self._levels.append(self._sell(len(self._levels)))
            except Refused as refused:
                self._levels.append(refused)
        found = self._levels[depth]
        if isinstance(found, Refused):
            raise found
        return found

    def _sell(self, depth: int) -> Level:
        book, payer = self._hops[depth]
        no_rate = causes.OPERATOR_NO_RATE if depth else causes.NO_RATE
        operator = book.operator
        tariff_id, grace = payer.tariff_id, None
        if depth == 0:
            grace = self._device.grace
            if self._effects.tariff_id is not None:
                tariff_id = self._effects.tariff_id
        tariff = book.tariffs.get(tariff_id) if tariff_id is not None else None
        if tariff is None:
            raise Refused(no_rate, f"{causes.cause(no_rate).text}: there is no tariff.", "price", operator.id)
        price = self._price(book, tariff, payer.currency, grace, no_rate, causes.BLOCKED_RATE)
        payer_base = self._hops[depth - 1].book if depth else None
        try:
            base_fx = book.factor(payer.currency, operator.currency)
            payer_fx = payer_base.factor(payer.currency, payer_base.operator.currency) if payer_base else ONE
        except KeyError:
            raise Refused(no_rate, f"There is no exchange rate for {payer.currency}.", "price", operator.id) from None
        own_limit = causes.OPERATOR_CALLS if depth else causes.CUSTOMER_CALLS
        limits = () if payer.call_account_id is None else (CallLimit(payer.call_account_id, own_limit),)
        if depth == 0 and self._device.call_account_id is not None:
            limits = (CallLimit(self._device.call_account_id, causes.DEVICE_CALLS), *limits)
        level = Level(
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
        why = "customer {} pays by tariff {}, prefix {}, times {}"
        self._trace.append(
            Step("price", operator.id, price.rate.per_minute, why, (payer.id, tariff.id, price.prefix, price.fx))
        )
        return level

    def _price(self, book: Book, tariff: Tariff, currency: str, grace: int | None, no_rate: int, blocked: int) -> Price:
        """The frozen price of the number in a tariff, for an account in `currency`. Raises Refused."""
        found = tariff.deck.find(self._number, self._now)
        if found is None:
            text = f"{causes.cause(no_rate).text}: tariff {tariff.name or tariff.id} doesn't know it."
            raise Refused(no_rate, text, "price", book.operator.id)
        prefix, record = found
        if record.blocked:
            raise Refused(blocked, f"{causes.cause(blocked).text}: prefix {prefix}.", "price", book.operator.id)
        try:
            fx = book.factor(tariff.currency, currency)
        except KeyError as missing:
            text = f"There is no exchange rate for {missing.args[0]}."
            raise Refused(no_rate, text, "price", book.operator.id) from None
        return Price(tariff.rate(record, grace), fx, tariff.id, prefix, tariff.currency, tariff.seconds_mode)

    # -- candidates ---------------------------------------------------------------------------------------------------

    def _offers(self, depth: int) -> tuple[Offer, ...]:
        """What the operator at `depth` offers, in its order."""
        book, payer = self._hops[depth]
        lcr = self._lcr(depth)
        if lcr is None:
            return ()
        level = self._level(depth)
        # Straight to the base, not by way of the account's currency: a quotient of two rates may be rounded.
        selling = EXACT.multiply(
            level.price.rate.per_minute, book.factor(level.price.tariff_currency, level.base_currency)
        )
        allow_loss = lcr.allow_loss or payer.allow_loss
        ranked: list[_Ranked] = []
        seen: set[int | None] = set()
        for entry in lcr.entries:
            if not entry.enabled or entry.provider_id in seen:
                continue
            seen.add(entry.provider_id)
            try:
                one = self._parent(depth, entry) if entry.provider_id is None else self._own(depth, entry)
                if one is not None:
                    self._keep_margin(one, entry, selling, lcr, allow_loss)
                    ranked.append(one)
            except Refused as refused:
                self._dropped.append(Dropped(book.operator.id, entry.provider_id, refused.cause, refused.sentence))
        if lcr.order is LcrOrder.PRICE:
            ranked.sort(key=lambda one: (one.per_minute, one.priority, one.id))
            ranked = self._within_percent(ranked, lcr, book)
        else:
            ranked.sort(key=lambda one: (one.priority, one.id))
        found = tuple(offer for one in ranked for offer in one.offers)
        if lcr.first_only:
            found = found[:1]
        self._trace.append(
            Step(
                "routing",
                book.operator.id,
                tuple((one.operator_id, one.provider.id) for one in found),
                "LCR {} by {}",
                (lcr.name or lcr.id, lcr.order.value),
            )
        )
        return found

    def _lcr(self, depth: int) -> Lcr | None:
        """The payer's LCR; without one the parent's routing. None: there is no way out."""
        book, payer = self._hops[depth]
        lcr_id = payer.lcr_id
        if depth == 0 and self._effects.lcr_id is not None:
            lcr_id = self._effects.lcr_id
        if lcr_id is not None:
            lcr = book.lcrs.get(lcr_id)
            if lcr is not None:
                return lcr
        elif depth + 1 < len(self._hops):
            return _PARENT_ONLY
        self._dropped.append(Dropped(book.operator.id, None, causes.NO_PROVIDER, "The customer has no LCR."))
        return None

    def _own(self, depth: int, entry: LcrEntry) -> _Ranked:
        book = self._hops[depth].book
        operator = book.operator
        provider = book.providers.get(entry.provider_id) if entry.provider_id is not None else None
        if provider is None or provider.state is not State.ACTIVE:
            raise Refused(causes.NO_PROVIDER, "The provider is switched off.", "provider", entry.provider_id)
        if operator.kind is not OperatorKind.RESELLER_PRO:
            text = "Only a Reseller PRO may use its own providers."
            raise Refused(causes.NO_PROVIDER, text, "provider", entry.provider_id)
        tariff = book.tariffs.get(provider.tariff_id) if provider.tariff_id is not None else None
        if tariff is None:
            raise Refused(causes.NO_PROVIDER, "The provider has no tariff.", "provider", entry.provider_id)
        cost = self._price(book, tariff, provider.currency, None, causes.NO_PROVIDER, causes.BLOCKED_COST)
        try:
            cost_fx = book.factor(provider.currency, operator.currency)
        except KeyError:
            text = f"There is no exchange rate for {provider.currency}."
            raise Refused(causes.NO_PROVIDER, text, "provider", entry.provider_id) from None
        per_minute = EXACT.multiply(cost.rate.per_minute, book.factor(tariff.currency, operator.currency))
        offer = Offer(depth, operator.id, provider, cost, cost_fx)
        return _Ranked(per_minute, entry.priority, provider.id, (offer,))

    def _parent(self, depth: int, entry: LcrEntry) -> _Ranked | None:
        """The parent's routing as one candidate; None when the parent has nothing, and has said why."""
        if depth + 1 >= len(self._hops):
            raise Refused(causes.NO_PROVIDER, "There is no parent to route through.", "routing", depth)
        level = self._level(depth + 1)
        offers = self._offers(depth + 1)
        if not offers:
            return None
        per_minute = EXACT.multiply(level.price.rate.per_minute, EXACT.multiply(level.price.fx, level.payer_fx))
        return _Ranked(per_minute, entry.priority, 0, offers)

    def _keep_margin(self, one: _Ranked, entry: LcrEntry, selling: Decimal, lcr: Lcr, allow_loss: bool) -> None:
        """The loss rule (4.4; equality is no loss) and the minimal margin in percent (9). Raises Refused."""
        if one.per_minute > selling and not allow_loss:
            cause = causes.OPERATOR_LOSS if entry.provider_id is None else causes.LOSS
            text = f"It costs {one.per_minute:f} a minute and is sold for {selling:f}."
            raise Refused(cause, text, "loss", entry.provider_id)
        if lcr.margin_percent is not None:
            needed = EXACT.multiply(one.per_minute, EXACT.add(_HUNDRED, lcr.margin_percent))
            if EXACT.multiply(selling, _HUNDRED) < needed:
                text = f"The margin is below {lcr.margin_percent:f} %."
                raise Refused(causes.MARGIN, text, "margin", entry.provider_id)

    def _within_percent(self, ranked: list[_Ranked], lcr: Lcr, book: Book) -> list[_Ranked]:
        """Drops what is dearer than the first by more than the limit (compared with the first, not the previous)."""
        if not ranked or not lcr.percent_limit:
            return ranked
        limit = EXACT.multiply(ranked[0].per_minute, EXACT.add(_HUNDRED, lcr.percent_limit))
        kept = []
        for one in ranked:
            if EXACT.multiply(one.per_minute, _HUNDRED) <= limit:
                kept.append(one)
                continue
            text = f"It is dearer than the first by more than {lcr.percent_limit:f} %."
            self._dropped.append(Dropped(book.operator.id, one.id or None, causes.PERCENT_LIMIT, text))
        return kept
