"""Whether a call may be made, and with which caller id: lists, classes, opened destinations, scores, duplicates.

What stands here holds along the whole chain: what any operator forbids, nobody below it may do.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from telecom import causes
from telecom.book import Book, CallerIdPolicy, Device
from telecom.chain import Step
from telecom.facts import Facts
from telecom.gates import GLOBAL_LISTS, PAYER_LISTS, Stop, class_stop, first_stop, is_duplicate
from telecom.pools import pick
from telecom.selling import Asked, Hop, Refused


class Dialled(Protocol):
    """What came from the caller."""

    @property
    def called(self) -> str: ...

    @property
    def caller(self) -> str: ...


def presented_caller_id(
    book: Book, device: Device, sent: str, call: Dialled, now: int, facts: Facts, trace: list[Step]
) -> str:
    """The caller id by the device's policy, filter and pools. Raises Refused, for a call made twice too."""
    if device.caller_id_policy is CallerIdPolicy.PRESENTED:
        chosen = sent or device.caller_id
    elif device.caller_id_policy is CallerIdPolicy.LISTED and sent in device.caller_ids:
        chosen = sent
    else:
        chosen = device.caller_id
    why = "the policy of the device is {}"
    trace.append(Step("caller id", call.caller, chosen, why, (device.caller_id_policy.value,)))
    if device.caller_filter.allow or device.caller_filter.deny:
        verdict = device.caller_filter.verdict(chosen)
        if not verdict.admitted:
            raise Refused(causes.REFUSED_CALLER_ID, f"Caller id: {verdict.why}", "caller id", chosen)
    seconds = device.duplicate_seconds or book.duplicate_seconds
    if seconds and is_duplicate(facts.recent.get((device.directory_id, chosen, call.called)), now, seconds):
        text = f"The same call was made less than {seconds} seconds ago."
        raise Refused(causes.DUPLICATE, text, "duplicate", call.called)
    return _from_pool(book, device, chosen, facts, trace) if device.caller_pool_id is not None else chosen


def _from_pool(book: Book, device: Device, chosen: str, facts: Facts, trace: list[Step]) -> str:
    valid = book.pools.get(device.valid_pool_id) if device.valid_pool_id is not None else None
    if valid is not None and chosen in valid:
        return chosen
    pool = book.pools.get(device.caller_pool_id) if device.caller_pool_id is not None else None
    if pool is None:
        return chosen
    usage = facts.pool_usage.get((book.operator.id, pool.id), {})
    drawn = pick(pool.plain, usage, pool.deviation, facts.dice)
    if drawn is None:
        return chosen
    trace.append(Step("caller id", chosen, drawn, "drawn from the pool {}", (pool.name or pool.id,)))
    return drawn


def check_permission(hops: list[Hop], asked: Asked, address: str, trace: list[Step]) -> Asked:
    """The call as it goes on: a score may have given it another LCR. Raises Refused."""
    device, number, caller = asked.device, asked.number, asked.caller
    for depth, (book, payer) in enumerate(hops):
        operator = book.operator.id
        if book.lists:
            _check(first_stop(book.lists, book.pools, caller, number, GLOBAL_LISTS), "lists", operator, trace)
        own = device.lists if depth == 0 else ()
        if own or payer.lists:
            stop = first_stop((*own, *payer.lists), book.pools, caller, number, PAYER_LISTS)
            _check(stop, "lists", operator, trace)
        for opened in (book.destinations, payer.destinations):
            if opened is not None:
                _check(opened.stop(number), "destinations", operator, trace)
        classes = device.classes if depth == 0 else ()
        if book.numbering is not None and (classes or payer.classes):
            _check(class_stop(book.numbering, number, classes, payer.classes), "class", operator, trace)
    return _scored(hops[0].book, asked, address, trace)


def _check(stop: Stop | None, step: str, operator: int, trace: list[Step]) -> None:
    if stop is not None:
        raise Refused(stop.cause, stop.sentence, step, operator)
    trace.append(Step(step, operator, True, "nothing stands against it"))


def _scored(book: Book, asked: Asked, address: str, trace: list[Step]) -> Asked:
    if book.score is None:
        return asked
    total = book.score.total(asked.facts.scores, book.operator.id, (asked.number, asked.caller, address))
    level = book.score.level(total)
    trace.append(Step("score", total, level, "{} of the thresholds are reached", (level,)))
    if not level:
        return asked
    lcr_id = book.score.lcr_ids[level - 1] if level <= len(book.score.lcr_ids) else 0
    if not lcr_id:
        raise Refused(causes.BLACKLISTED, f"The call's score of {total} is too high.", "score", total)
    return asked._replace(effects=replace(asked.effects, lcr_id=lcr_id))
