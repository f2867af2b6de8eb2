"""From offers to routes: the numbers as each provider wants them. Billing keeps the localized number."""

from __future__ import annotations

from telecom import causes
from telecom.book import Book, Device, Provider, State
from telecom.chain import Dropped, Level, RouteChoice, Step, free_of_charge
from telecom.localization import RuleKind, RuleSet, rewrite
from telecom.mnp import request_text, without_prefix
from telecom.rating import ONE
from telecom.routing import Offer
from telecom.selling import Asked, Hop, Refused
from telecom.transform import TransformError, transform


def routes_of(
    offers: tuple[Offer, ...], asked: Asked, dialled: str, received: str, trace: list[Step], dropped: list[Dropped]
) -> tuple[RouteChoice, ...]:
    """The offers as routes; one whose rules leave nothing of the number is dropped.

    `dialled` and `received` are the numbers before any rule, for rules that send them as they came.
    """
    found: list[RouteChoice] = []
    plain = without_prefix(asked.number, asked.ported)
    for offer in offers:
        provider = offer.provider
        base = plain if provider.npdi else asked.number
        try:
            number = _sent(provider.called_set, RuleKind.DESTINATION, provider.called_text, base, dialled, asked)
            caller = _sent(provider.caller_set, RuleKind.CALLER_ID, provider.caller_text, asked.caller, received, asked)
        except Refused as refused:
            dropped.append(Dropped(offer.operator_id, provider.id, refused.cause, refused.sentence))
            continue
        if number[1] or caller[1]:
            given = (asked.number, asked.caller)
            trace.append(Step("provider rules", given, (number[0], caller[0]), "provider {}", (provider.id,)))
        if not number[0]:
            why = "The provider's rules leave nothing of the number."
            dropped.append(Dropped(offer.operator_id, provider.id, causes.BAD_NUMBER, why))
            continue
        text = request_text(asked.ported) if provider.npdi and asked.ported is not None else ""
        found.append(_route(len(found), offer, number[0], caller[0], text))
    return tuple(found)


def _sent(rules: RuleSet, kind: RuleKind, text: str, number: str, received: str, asked: Asked) -> tuple[str, bool]:
    """A number as it is sent, and whether anything changed it. Raises Refused."""
    sent, rule = rewrite(rules, kind, number, received)
    if rule is not None or not text:
        return sent, rule is not None
    try:
        found = transform(text, sent, asked.facts.dice)
    except TransformError as error:
        raise Refused(causes.NO_PROVIDER, str(error), "transformation", number) from None
    return found.number, bool(found.part)


def _route(index: int, offer: Offer, number: str, caller: str, text: str) -> RouteChoice:
    provider = offer.provider
    return RouteChoice(
        index=index,
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
        levels=offer.levels,
        call_account_id=provider.call_account_id,
        retry_codes=provider.retry_codes,
        stop_codes=provider.stop_codes,
        request_text=text,
    )


def number_for_device(book: Book, device: Device, kind: RuleKind, number: str, received: str) -> tuple[str, str]:
    """A number of a call that is sent to a device, as it wants it: by its own rules, else by its group's.

    Gives the number and which rules changed it ("device", "group", or nothing). `received` is the number before any
    rule. `kind` DESTINATION is for the called number, CALLER_ID for the caller's.
    """
    sent, rule = rewrite(RuleSet(device.rules, outgoing=True), kind, number, received)
    if rule is not None:
        return sent, "device"
    group = book.rule_groups.get(device.rule_group_id) if device.rule_group_id is not None else None
    if group is not None:
        sent, rule = rewrite(RuleSet(group.outgoing, outgoing=True), kind, number, received)
    return sent, "group" if rule is not None else ""


def free_routes(hops: list[Hop], device: Device, number: str) -> tuple[RouteChoice, ...]:
    """The routes of an emergency call over the last hop's providers: the number as dialled, and nobody pays."""
    book = hops[-1].book
    levels = tuple(
        Level(
            hop.book.operator.id,
            hop.payer.id,
            hop.payer.account_id,
            hop.payer.currency,
            free_of_charge(hop.payer.currency),
            (),
            hop.book.operator.currency,
            ONE,
            ONE,
        )
        for hop in hops
    )
    providers = [book.providers.get(one) for one in book.emergency.provider_ids] if book.emergency else []
    offers = [
        Offer(len(hops) - 1, book.operator.id, one, free_of_charge(one.currency), ONE, levels)
        for one in providers
        if isinstance(one, Provider) and one.state is State.ACTIVE
    ]
    return tuple(_route(place, one, number, device.caller_id, "") for place, one in enumerate(offers))
