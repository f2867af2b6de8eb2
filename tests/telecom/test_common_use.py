"""A Reseller PRO names one provider of its parent: the chain goes there, at the tariff agreed for it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from telecom import causes
from telecom.book import Books, Customer, Lcr, LcrEntry, State
from telecom.bookfile import decode, encode
from telecom.decision import Call, Decision, decide
from tests.telecom.worlds import ANNA, NOW, PRO, chain, lcr, provider, tariff

COMMON = LcrEntry(None, 0, common_provider_id=1)


def with_common(common_use: dict, **changes) -> Books:
    """The chain, where the PRO's LCR is root's provider 1 by name; the agreed tariff 13 is 0.03 a minute."""
    changes = {"pro_lcr": Lcr(20, entries=(COMMON,)), "root_more": (tariff(13, ("370", "0.03")),)} | changes
    books = chain(**changes)
    root = books.book(1)
    assert root is not None
    books.put(replace(root, common_use=common_use))
    return books


def called(books: Books) -> Decision:
    return decide(books, Call(ANNA, "37060012345"), NOW)


def prices(decision: Decision) -> list[Decimal]:
    (route,) = decision.routes
    return [level.price.rate.per_minute for level in route.levels] + [route.cost.rate.per_minute]


def test_every_level_pays_and_the_pro_pays_the_agreed_price():
    decision = called(with_common({PRO: {1: 13}}))
    assert prices(decision) == [Decimal("0.10"), Decimal("0.08"), Decimal("0.03"), Decimal("0.02")]
    assert [one.operator_id for one in decision.routes[0].levels] == [3, 2, 1]


def test_without_an_agreement_the_provider_is_not_there():
    for common_use in ({}, {PRO: {2: 13}}, {99: {1: 13}}):
        decision = called(with_common(common_use))
        assert decision.cause == causes.NO_PROVIDER and "doesn't let this one use" in decision.dropped[0].why


def test_the_parent_s_general_price_is_not_needed():
    row = Customer(11, 900, "USD", None, None, operator_id=PRO)
    assert prices(called(with_common({PRO: {1: 13}}, pro_row=row)))[2] == Decimal("0.03")


def test_a_provider_that_is_off_carries_nothing():
    decision = called(with_common({PRO: {1: 13}}, root_first=provider(1, 11, state=State.BLOCKED)))
    assert decision.cause == causes.NO_PROVIDER


def test_the_parent_sells_below_its_cost_only_to_whom_it_allows_that():
    cheap = {"root_more": (tariff(13, ("370", "0.01")),)}
    assert called(with_common({PRO: {1: 13}}, **cheap)).cause == causes.NO_PROVIDER
    willing = Customer(11, 900, "USD", 10, 10, operator_id=PRO, allow_loss=True)
    assert prices(called(with_common({PRO: {1: 13}}, pro_row=willing, **cheap)))[2:] == [
        Decimal("0.01"),
        Decimal("0.02"),
    ]


def test_the_pro_loses_only_where_it_allows_that():
    dear = {"root_more": (tariff(13, ("370", "0.09")),)}
    assert called(with_common({PRO: {1: 13}}, **dear)).cause == causes.OPERATOR_LOSS
    assert called(with_common({PRO: {1: 13}}, pro_lcr=Lcr(20, entries=(COMMON,), allow_loss=True), **dear)).cause == 0


def test_it_stands_in_an_lcr_beside_own_providers_and_the_parent_s_routing_and_is_tried_once():
    mixed = Lcr(20, entries=(COMMON, LcrEntry(3, 1), LcrEntry(None, 2)))
    decision = called(with_common({PRO: {1: 13}}, pro_lcr=mixed))
    assert sorted((one.operator_id, one.provider_id) for one in decision.routes) == [(1, 1), (1, 2), (2, 3)]
    (common,) = [one for one in decision.routes if one.provider_id == 1]
    assert common.levels[2].price.rate.per_minute == Decimal("0.03")
    assert [len(one.prices) for one in decision.payers] == [1, 1, 2]


def test_the_cheapest_first_compares_the_agreed_price():
    mixed = Lcr(20, entries=(LcrEntry(3, 0), COMMON))
    assert [one.provider_id for one in called(with_common({PRO: {1: 13}}, pro_lcr=mixed)).routes] == [1, 3]


def test_it_survives_the_file_of_a_book():
    books = with_common({PRO: {1: 13}})
    for operator_id in (1, 2):
        book = books.book(operator_id)
        assert book is not None
        again = decode(encode(book))
        assert again.common_use == book.common_use and again.lcrs == book.lcrs
    assert lcr(1, None).entries[0].common_provider_id is None
