"""Which providers may carry a call, in which order, and what each level pays: the candidates of a whole chain.

Every operator orders what it has: its own providers (if it is a Reseller PRO or the root) and its parent's routing as
one candidate, which costs what the parent charges and stands for all that the parent offers, in the parent's order.
Prices are compared per minute, in the base currency of the operator that compares. Source: rating-routing.md 5, 9, 10.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from telecom import causes
from telecom.book import Lcr, LcrEntry, LcrOrder, OperatorKind, Provider, State
from telecom.chain import Dropped, Level, Price, Step
from telecom.gates import PROVIDER_LISTS, first_stop
from telecom.lcr import DialPeer, Failover, Stage
from telecom.linear import ExpressionError
from telecom.local_time import local
from telecom.ordering import Gateway, GatewayUse, by_gateway, by_percent
from telecom.quality import FormulaError, Quality, explored, formula, scores
from telecom.rating import EXACT
from telecom.selling import Asked, Bought, Hop, Refused, Seller, price_of

_HUNDRED = Decimal(100)
_PARENT_ONLY = Lcr(0, LcrOrder.PRIORITY, (LcrEntry(None),), name="the parent's routing")
_NO_CALLS = Quality()
_UNUSED = GatewayUse()


class Offer(NamedTuple):
    """A provider that can carry the call, `depth` levels up the chain; `cost_fx` is to the owner's base.

    `levels` pay, the one that was asked first.
    """

    depth: int
    operator_id: int
    provider: Provider
    cost: Price
    cost_fx: Decimal
    levels: tuple[Level, ...]


class _Ranked(NamedTuple):
    """A candidate of one operator: its price per minute in that operator's base, and the offers it stands for."""

    per_minute: Decimal
    entry: LcrEntry
    offers: tuple[Offer, ...]

    @property
    def id(self) -> int:
        return self.entry.provider_id or 0


class Router:
    """The routing of one call. Writes into the trace and the list of dropped candidates that it is given."""

    def __init__(self, hops: list[Hop], asked: Asked, trace: list[Step], dropped: list[Dropped]) -> None:
        self._hops, self._asked = hops, asked
        self._trace, self._dropped = trace, dropped
        self._seller = Seller(hops, asked, trace)

    def offers(self) -> tuple[Offer, ...]:
        """Every provider that may be tried, in order. Raises Refused when the caller has no price."""
        self._seller.shared(0)
        return self._offers(0)

    def no_route(self) -> Refused:
        """Why nothing is left: the one cause that dropped every candidate, or that there is no suitable provider.

        That an operator above would lose money is its own affair: to those below it has no provider (resellers.md E7).
        """
        found = {one.cause for one in self._dropped}
        cause = found.pop() if len(found) == 1 else causes.NO_PROVIDER
        own = self._hops[0].book.operator.id
        if cause == causes.LOSS and all(one.operator_id != own for one in self._dropped):
            cause = causes.NO_PROVIDER
        return Refused(cause, f"{causes.cause(cause).text}.", "routing", self._asked.number)

    # -- the program of one operator ----------------------------------------------------------------------------------

    def _offers(self, depth: int) -> tuple[Offer, ...]:
        """What the operator at `depth` offers, in its order."""
        lcr = self._lcr(depth)
        if lcr is None:
            return ()
        self._seller.shared(depth)
        found, skip_failover = self._group(depth, lcr)
        seen = {lcr.id}
        for id in () if skip_failover else lcr.failover_lcr_ids:
            group = self._hops[depth].book.lcrs.get(id)
            if group is not None and id not in seen:
                seen.add(id)
                found += [one for one in self._group(depth, group)[0] if _is_new(one, found)]
        if lcr.failover is not None:
            found += [one for one in self._failover(depth, lcr.failover) if _is_new(one, found)]
        if lcr.first_only:
            found = found[:1]
        return tuple(found[: lcr.max_attempts] if lcr.max_attempts else found)

    def _group(self, depth: int, lcr: Lcr) -> tuple[list[Offer], bool]:
        """What one LCR offers; and whether its dial peers forbid the failover groups."""
        if not lcr.peers:
            return self._stage(depth, lcr.stage, lcr.allow_loss), False
        found: list[Offer] = []
        taken: DialPeer | None = None
        for peer, stage in self._shuffled(lcr):
            if not self._fits(depth, peer):
                continue
            taken = peer
            found += [one for one in self._stage(depth, stage, stage.allow_loss) if _is_new(one, found)]
            if peer.stop_hunting:
                break
        if taken is None:
            text = f"No dial peer of {lcr.name or lcr.id} takes this call."
            self._drop(depth, None, causes.NO_DIAL_PEER, text)
        return found, taken is not None and taken.skip_failover

    def _shuffled(self, lcr: Lcr) -> list[tuple[DialPeer, Stage]]:
        """The dial peers by priority; those of equal priority in an order that is drawn."""
        dice = self._asked.facts.dice
        if dice is None:
            return list(lcr.peer_stages)
        drawn = [(peer.priority, dice(), place) for place, (peer, _) in enumerate(lcr.peer_stages)]
        return [lcr.peer_stages[place] for _, _, place in sorted(drawn)]

    def _fits(self, depth: int, peer: DialPeer) -> bool:
        try:
            called = peer.called.verdict(self._asked.number)
            caller = peer.caller.verdict(self._asked.caller)
        except ExpressionError as error:
            self._step("dial peer", depth, False, "dial peer {} can't be used: {}", peer.name or peer.id, str(error))
            return False
        fits = called.admitted and caller.admitted
        why = called.why or caller.why or "it takes both numbers"
        self._step("dial peer", depth, fits, "dial peer {}: {}", peer.name or peer.id, why)
        return fits

    def _stage(self, depth: int, stage: Stage, allow_loss: bool) -> list[Offer]:
        """The candidates of one stage that may be used, in its order."""
        book, payer = self._hops[depth]
        selling = self._selling(depth)
        allowed = allow_loss or payer.allow_loss
        ranked: list[_Ranked] = []
        for entry in self._entries(stage):
            try:
                one = self._candidate(depth, entry)
                if one is not None:
                    ranked.append(self._kept(one, stage, selling, allowed))
            except Refused as refused:
                self._drop(depth, entry.provider_id, refused.cause, refused.sentence)
        ranked = self._ordered(depth, ranked, stage)
        found = [offer for one in ranked for offer in one.offers]
        if any(one.entry.common_provider_id is not None for one in ranked):
            # The parent's routing may bring the same provider at another price.
            found = [one for place, one in enumerate(found) if _is_new(one, found[:place])]
        order = tuple((one.operator_id, one.provider.id) for one in found)
        self._trace.append(Step("routing", book.operator.id, order, "LCR {} by {}", (stage.label, stage.order.value)))
        return found

    def _entries(self, stage: Stage) -> tuple[LcrEntry, ...]:
        """Each way out once. With prefixes only those that fit count, of each provider the longest."""
        if stage.order is not LcrOrder.GATEWAY:
            return stage.distinct
        found: dict[tuple[int | None, int | None], LcrEntry] = {}
        for entry in stage.entries:
            if entry.enabled and self._asked.number.startswith(entry.prefix):
                way = (entry.provider_id, entry.common_provider_id)
                known = found.get(way)
                if known is None or len(entry.prefix) > len(known.prefix):
                    found[way] = entry
        return tuple(found.values())

    # -- orders -------------------------------------------------------------------------------------------------------

    def _ordered(self, depth: int, ranked: list[_Ranked], stage: Stage) -> list[_Ranked]:
        order = stage.order
        if order is LcrOrder.PRICE:
            ranked.sort(key=lambda one: (one.per_minute, one.entry.priority, one.id))
            return self._within_percent(depth, ranked, stage)
        ranked.sort(key=lambda one: (one.entry.priority, one.id))
        if order is LcrOrder.WEIGHT:
            ranked.sort(key=lambda one: one.entry.weight)
        elif order is LcrOrder.PERCENT:
            return self._by_percent(depth, ranked)
        elif order is LcrOrder.QUALITY:
            return self._by_quality(depth, ranked, stage)
        elif order is LcrOrder.GATEWAY:
            return self._by_gateway(depth, ranked)
        return ranked

    def _by_percent(self, depth: int, ranked: list[_Ranked]) -> list[_Ranked]:
        for one in ranked:
            if one.entry.percent <= 0:
                self._drop(depth, one.entry.provider_id, causes.NO_PROVIDER, "Its share of the calls is 0 %.")
        return [ranked[place] for place in by_percent([one.entry.percent for one in ranked], self._asked.facts.dice)]

    def _by_quality(self, depth: int, ranked: list[_Ranked], stage: Stage) -> list[_Ranked]:
        operator = self._hops[depth].book.operator.id
        facts = self._asked.facts
        try:
            rule = formula(stage.formula)
        except FormulaError as error:
            self._step("quality", depth, 0, "{}", str(error))
            return ranked
        windows = [facts.quality.get((operator, one.id), _NO_CALLS) for one in ranked]
        found = scores(
            rule, [(window, float(one.per_minute)) for window, one in zip(windows, ranked, strict=True)], stage.warm_up
        )
        places = sorted(range(len(ranked)), key=lambda place: -found[place][0])
        for place in places:
            score, own = found[place]
            why = "provider {} scores {:.3f}" + ("" if own else ", the average: it has too few calls")
            self._step("quality", depth, score, why, ranked[place].id, score)
        ordered = [ranked[place] for place in places]
        if facts.dice is not None and (lucky := explored(len(ordered), facts.dice, stage.exploration)):
            self._step("quality", depth, ordered[lucky].id, "provider {} goes first to be measured", ordered[lucky].id)
            ordered.insert(0, ordered.pop(lucky))
        return ordered

    def _by_gateway(self, depth: int, ranked: list[_Ranked]) -> list[_Ranked]:
        operator = self._hops[depth].book.operator.id
        gateways = [
            Gateway(
                one.id,
                one.entry.prefix,
                one.entry.prefix_priority,
                one.entry.priority,
                one.entry.lines,
                one.entry.reserved,
                one.entry.terminate,
                one.per_minute,
                self._asked.facts.gateways.get((operator, one.id), _UNUSED),
            )
            for one in ranked
        ]
        places = by_gateway(gateways)
        for place, one in enumerate(gateways):
            if place not in places:
                cause = causes.NO_PROVIDER if one.is_open else causes.PROVIDER_CALLS
                text = "A gateway before it ends the search." if one.is_open else "Its free lines are reserved or none."
                self._drop(depth, ranked[place].entry.provider_id, cause, text)
        return [ranked[place] for place in places]

    def _within_percent(self, depth: int, ranked: list[_Ranked], stage: Stage) -> list[_Ranked]:
        """Drops what is dearer than the first by more than the limit (compared with the first, not the previous)."""
        if not ranked or not stage.percent_limit:
            return ranked
        limit = EXACT.multiply(ranked[0].per_minute, EXACT.add(_HUNDRED, stage.percent_limit))
        kept = []
        for one in ranked:
            if EXACT.multiply(one.per_minute, _HUNDRED) <= limit:
                kept.append(one)
                continue
            text = f"It is dearer than the first by more than {stage.percent_limit:f} %."
            self._drop(depth, one.id or None, causes.PERCENT_LIMIT, text)
        return kept

    # -- which LCR ----------------------------------------------------------------------------------------------------

    def _lcr(self, depth: int) -> Lcr | None:
        """The LCR that counts now for this number; without one the parent's routing. None: there is no way out."""
        book, payer = self._hops[depth]
        asked = self._asked
        lcr_id = self._seller.choice(depth).lcr_id
        if depth == 0:
            if asked.ported is not None and asked.ported.hit and book.mnp is not None and book.mnp.lcr_id is not None:
                lcr_id = book.mnp.lcr_id
            if asked.effects.lcr_id is not None:
                lcr_id = asked.effects.lcr_id
            if lcr_id is None:
                lcr_id = asked.device.lcr_id
        if lcr_id is None:
            lcr_id = payer.lcr_id
        if lcr_id is not None:
            lcr = book.lcrs.get(lcr_id)
            if lcr is not None:
                return self._followed(depth, lcr)
        elif depth + 1 < len(self._hops):
            return _PARENT_ONLY
        self._drop(depth, None, causes.NO_PROVIDER, "The customer has no LCR.")
        return None

    def _followed(self, depth: int, lcr: Lcr) -> Lcr | None:
        """The LCR that an LCR hands this call to, by its time periods and then by its overrides."""
        book = self._hops[depth].book
        seen: set[int] = set()
        while lcr.id not in seen:
            seen.add(lcr.id)
            following = self._by_period(depth, lcr)
            if following is None:
                found = lcr.override_of(self._asked.number) if lcr.overrides else None
                if found is None:
                    return lcr
                override, prefix = found
                label = override.name or prefix
                if override.lcr_id is None:
                    self._drop(depth, None, causes.NO_PROVIDER, f"The LCR bans the destination {label}.")
                    return None
                self._step("override", depth, override.lcr_id, "destination {} has its own LCR", label)
                following = override.lcr_id
            onward = book.lcrs.get(following)
            if onward is None:
                self._drop(depth, None, causes.NO_PROVIDER, "The LCR that the call is handed to is gone.")
                return None
            lcr = onward
        return lcr

    def _by_period(self, depth: int, lcr: Lcr) -> int | None:
        if not lcr.periods:
            return None
        try:
            moment = local(self._asked.now, lcr.zone)
        except (KeyError, ValueError, OSError):
            return None
        for one in lcr.periods:
            if one.lcr_id != lcr.id and one.window.holds(moment):
                self._step("period", depth, one.lcr_id, "the period {} is open", one.name or one.lcr_id)
                return one.lcr_id
        return None

    # -- candidates ---------------------------------------------------------------------------------------------------

    def _selling(self, depth: int) -> Decimal | None:
        """The price a minute in the operator's base; None when it depends on the provider."""
        level = self._seller.shared(depth)
        return None if level is None else self._per_minute(depth, level)

    def _per_minute(self, depth: int, level: Level) -> Decimal:
        # Straight to the base, not by way of the account's currency: a quotient of two rates may be rounded.
        factor = self._hops[depth].book.factor(level.price.tariff_currency, level.base_currency)
        return EXACT.multiply(level.price.rate.per_minute, factor)

    def _candidate(self, depth: int, entry: LcrEntry) -> _Ranked | None:
        if entry.provider_id is not None:
            return self._own(depth, entry)
        return self._parent(depth, entry) if entry.common_provider_id is None else self._common(depth, entry)

    def _common(self, depth: int, entry: LcrEntry) -> _Ranked:
        """A provider of the parent that this operator may use, at the tariff agreed for it (resellers.md 3.1)."""
        provider_id = entry.common_provider_id
        if depth + 1 >= len(self._hops):
            raise Refused(causes.NO_PROVIDER, "There is no parent to route through.", "routing", depth)
        above, payer = self._hops[depth + 1]
        tariff_id = above.common_use.get(self._hops[depth].book.operator.id, {}).get(provider_id or 0)
        if tariff_id is None:
            text = "The operator above doesn't let this one use that provider."
            raise Refused(causes.NO_PROVIDER, text, "provider", provider_id)
        agreed = self._seller.switched(depth + 1, tariff_id)
        offer, per_minute, _ = self._carrier(depth + 1, provider_id)
        # The operator above sells below its cost only to whom it allows that.
        selling = self._per_minute(depth + 1, agreed)
        self._keep_margin(per_minute, LcrEntry(provider_id), selling, _PARENT_ONLY.stage, payer.allow_loss)
        to_base = self._charged(agreed)
        level = self._seller.level(depth, Bought(agreed.price.rate, to_base, agreed.price.prefix))
        price = EXACT.multiply(agreed.price.rate.per_minute, to_base)
        return _Ranked(price, entry, (_paid(offer, (level, agreed)),))

    def _own(self, depth: int, entry: LcrEntry) -> _Ranked:
        offer, per_minute, bought = self._carrier(depth, entry.provider_id)
        return _Ranked(per_minute, entry, (_paid(offer, (self._seller.level(depth, bought),)),))

    def _carrier(self, depth: int, provider_id: int | None) -> tuple[Offer, Decimal, Bought]:
        """A provider of the operator at `depth` with nobody to pay for it yet, and its price. Raises Refused."""
        book = self._hops[depth].book
        operator, asked = book.operator, self._asked
        provider = book.providers.get(provider_id) if provider_id is not None else None
        if provider is None or provider.state is not State.ACTIVE:
            raise Refused(causes.NO_PROVIDER, "The provider is switched off.", "provider", provider_id)
        if operator.kind is not OperatorKind.RESELLER_PRO:
            text = "Only a Reseller PRO may use its own providers."
            raise Refused(causes.NO_PROVIDER, text, "provider", provider_id)
        tariff = book.tariffs.get(provider.tariff_id) if provider.tariff_id is not None else None
        if tariff is None:
            raise Refused(causes.NO_PROVIDER, "The provider has no tariff.", "provider", provider_id)
        if provider.lists or provider.caller_filter.allow or provider.caller_filter.deny:
            self._admitted(provider, depth)
        cost = price_of(book, tariff, provider.currency, asked, None, causes.NO_PROVIDER, causes.BLOCKED_COST)
        try:
            cost_fx = book.factor(provider.currency, operator.currency)
            to_base = book.factor(tariff.currency, operator.currency)
        except KeyError:
            text = f"There is no exchange rate for {provider.currency}."
            raise Refused(causes.NO_PROVIDER, text, "provider", provider_id) from None
        per_minute = EXACT.multiply(cost.rate.per_minute, to_base)
        offer = Offer(depth, operator.id, provider, cost, cost_fx, ())
        return offer, per_minute, Bought(cost.rate, to_base, cost.prefix)

    def _admitted(self, provider: Provider, depth: int) -> None:
        """The provider's own lists and what it takes of caller ids. Raises Refused."""
        asked = self._asked
        stop = first_stop(provider.lists, self._hops[depth].book.pools, asked.caller, asked.number, PROVIDER_LISTS)
        if stop is not None:
            raise Refused(stop.cause, stop.sentence, "provider", provider.id)
        try:
            verdict = provider.caller_filter.verdict(asked.caller)
        except ExpressionError as error:
            raise Refused(causes.NO_PROVIDER, str(error), "provider", provider.id) from None
        if not verdict.admitted:
            cause = causes.CALLER_ID_DENIED if "denied" in verdict.why else causes.CALLER_ID_NOT_ALLOWED
            raise Refused(cause, f"Caller id: {verdict.why}", "provider", provider.id)

    def _parent(self, depth: int, entry: LcrEntry) -> _Ranked | None:
        """The parent's routing as one candidate; None when the parent has nothing, and has said why."""
        if depth + 1 >= len(self._hops):
            raise Refused(causes.NO_PROVIDER, "There is no parent to route through.", "routing", depth)
        self._seller.shared(depth + 1)
        offers = self._offers(depth + 1)
        if not offers:
            return None
        made: list[Offer] = []
        levels: dict[int, Level] = {}
        for one in offers:
            above = one.levels[0]
            level = levels.get(id(above))
            if level is None:
                bought = Bought(above.price.rate, self._charged(above), above.price.prefix)
                level = levels[id(above)] = self._seller.level(depth, bought)
            made.append(_paid(one, (level, *one.levels)))
        first = offers[0].levels[0]
        return _Ranked(EXACT.multiply(first.price.rate.per_minute, self._charged(first)), entry, tuple(made))

    def _charged(self, level: Level) -> Decimal:
        """What turns a price of the parent's into the base of the operator that pays it."""
        return EXACT.multiply(level.price.fx, level.payer_fx)

    def _failover(self, depth: int, failover: Failover) -> list[Offer]:
        """The provider of last resort, whatever it costs (the loss rule does not count for it)."""
        try:
            one = self._own(depth, LcrEntry(failover.provider_id)).offers[0]
            if failover.tariff_id is not None:
                one = _paid(one, (self._seller.switched(depth, failover.tariff_id),))
        except Refused as refused:
            self._drop(depth, failover.provider_id, refused.cause, refused.sentence)
            return []
        self._step("failover", depth, one.provider.id, "provider {} is tried when nothing else helps", one.provider.id)
        return [one]

    # -- margins ------------------------------------------------------------------------------------------------------

    def _kept(self, one: _Ranked, stage: Stage, selling: Decimal | None, allow_loss: bool) -> _Ranked:
        """The candidate, without those of its offers that would lose money. Raises Refused when none is left."""
        if selling is not None and (one.entry.provider_id is not None or _same_price(one.offers)):
            self._keep_margin(one.per_minute, one.entry, selling, stage, allow_loss)
            return one
        depth = one.offers[0].depth - len(one.offers[0].levels) + 1
        kept: list[Offer] = []
        last: Refused | None = None
        for offer in one.offers:
            price = one.per_minute
            if one.entry.provider_id is None:
                price = EXACT.multiply(offer.levels[1].price.rate.per_minute, self._charged(offer.levels[1]))
            try:
                self._keep_margin(price, one.entry, self._per_minute(depth, offer.levels[0]), stage, allow_loss)
                kept.append(offer)
            except Refused as refused:
                last = refused
        if last is not None and not kept:
            raise last
        return one._replace(offers=tuple(kept))

    def _keep_margin(self, buying: Decimal, entry: LcrEntry, selling: Decimal, stage: Stage, allow_loss: bool) -> None:
        """The loss rule (4.4; equality is no loss), the minimal margin in percent (9) or as an amount (10)."""
        if stage.margin_amount is not None:
            if buying > EXACT.subtract(selling, stage.margin_amount) and not (allow_loss and stage.margin_amount <= 0):
                text = f"It costs {buying:f} a minute, is sold for {selling:f}, and must leave {stage.margin_amount:f}."
                raise Refused(causes.MARGIN, text, "margin", entry.provider_id)
        elif buying > selling and not allow_loss:
            cause = causes.OPERATOR_LOSS if entry.provider_id is None else causes.LOSS
            text = f"It costs {buying:f} a minute and is sold for {selling:f}."
            raise Refused(cause, text, "loss", entry.provider_id)
        if stage.margin_percent is not None:
            needed = EXACT.multiply(buying, EXACT.add(_HUNDRED, stage.margin_percent))
            if EXACT.multiply(selling, _HUNDRED) < needed:
                text = f"The margin is below {stage.margin_percent:f} %."
                raise Refused(causes.MARGIN, text, "margin", entry.provider_id)

    # -- notes --------------------------------------------------------------------------------------------------------

    def _drop(self, depth: int, provider_id: int | None, cause: int, why: str) -> None:
        self._dropped.append(Dropped(self._hops[depth].book.operator.id, provider_id, cause, why))

    def _step(self, name: str, depth: int, result: object, why: str, *details: object) -> None:
        self._trace.append(Step(name, self._hops[depth].book.operator.id, result, why, details))


def _paid(offer: Offer, levels: tuple[Level, ...]) -> Offer:
    """The offer, paid by these levels."""
    # Written out: `_replace` takes five times as long, and this runs once for each candidate and level.
    return Offer(offer.depth, offer.operator_id, offer.provider, offer.cost, offer.cost_fx, levels)


def _is_new(offer: Offer, known: list[Offer]) -> bool:
    """No provider is tried twice in a call."""
    return all(one.provider is not offer.provider for one in known)


def _same_price(offers: tuple[Offer, ...]) -> bool:
    return all(one.levels[1] is offers[0].levels[1] for one in offers)
