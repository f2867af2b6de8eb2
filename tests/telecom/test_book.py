"""Books: files that keep their decks mapped, exchange rates, and swapping one operator's book for another."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from mmap import ACCESS_READ, mmap

import pytest

from telecom.book import Books, Customer, Device, Lcr, LcrEntry, LcrOrder, Location, Operator
from telecom.bookfile import decode, encode
from telecom.decision import Call, decide
from telecom.localization import Effects, Rule, RuleKind
from telecom.rating import Rounding, SecondsMode
from tests.telecom.worlds import ANNA, NOW, PRO, PRO_KIND, ROOT, SHOP, book, chain, provider, tariff

RULE = Rule(1, RuleKind.COMBINED, "00", "1", 3, 9, 2, "Ą", source_prefixes=("37", "44"), effects=Effects(7, did="1"))


def full_book():
    return book(
        Operator(9, 1, PRO_KIND, "USD", fx={"EUR": Decimal("1.10"), "JPY": Decimal("0.0070")}),
        Customer(1, 2, "EUR", 3, None, operator_id=4, allow_loss=True),
        Device(1, ANNA, 1, caller_ids=("1", "2"), grace=0, rules=(RULE,)),
        Location(1, (RULE,)),
        tariff(3, ("1", "0.10", "0.05", 30, 6), rounding=Rounding.GRID, seconds_mode=SecondsMode.FLOOR),
        tariff(4, *((str(one), "0.2") for one in range(100, 200))),
        Lcr(1, LcrOrder.PRIORITY, (LcrEntry(None, 3), LcrEntry(1, 2)), percent_limit=Decimal("2.50")),
        Lcr(2, margin_percent=Decimal("-30")),
        provider(1, 3, caller_rules=(RULE,), stop_codes=(486,)),
        version=12,
        global_location_id=1,
    )


def without_decks(one):
    return replace(one, tariffs={id: replace(each, deck=None) for id, each in one.tariffs.items()})


def test_a_book_comes_back_from_its_file_equal():
    one = full_book()
    back = decode(encode(one))
    assert without_decks(back) == without_decks(one)
    assert repr(without_decks(back)) == repr(without_decks(one))
    for id, each in one.tariffs.items():
        assert list(back.tariffs[id].deck.rows()) == list(each.deck.rows())


def test_decks_of_a_mapped_file_are_not_copied(tmp_path):
    path = tmp_path / "book"
    path.write_bytes(encode(full_book()))
    with path.open("rb") as file:
        view = memoryview(mmap(file.fileno(), 0, access=ACCESS_READ))
    back = decode(view)
    assert all(one.deck.block.obj is view.obj for one in back.tariffs.values())


def test_a_decision_from_files_is_the_same_as_from_the_books():
    books = chain()
    filed = Books(decode(encode(books.book(one))) for one in (ROOT, PRO, SHOP))
    call = Call(ANNA, "37061234567")
    assert decide(filed, call, NOW) == decide(books, call, NOW)


@pytest.mark.parametrize("file", [b"", b"x" * 64, encode(full_book())[:-16], encode(full_book())[:200]])
def test_a_file_that_is_no_book_is_refused(file):
    with pytest.raises(ValueError, match=r"no book"):
        decode(file)


def test_currencies_are_exchanged_through_the_base():
    one = full_book()
    assert one.factor("EUR", "EUR") == 1
    assert one.factor("EUR", "USD") == Decimal("1.10")
    assert one.factor("USD", "EUR") == Decimal("0.909090909091")
    assert one.factor("EUR", "JPY") == Decimal("157.142857142857")
    with pytest.raises(KeyError):
        one.factor("GBP", "USD")
    assert one.factor("GBP", "GBP") == 1


def test_a_new_book_replaces_the_old_one_and_its_devices():
    books = chain()
    shop = books.book(SHOP)
    books.put(replace(shop, version=5, devices={42: Device(42, 200, 31)}))
    assert books.device(ANNA) is None
    assert books.device(200)[1].id == 42
    assert books.versions() == {ROOT: 0, PRO: 0, SHOP: 5}
    books.drop(SHOP)
    books.drop(SHOP)
    assert books.device(200) is None and books.book(SHOP) is None


def test_a_device_that_moved_to_another_operator_stays_with_the_newer_book():
    books = chain()
    shop, pro = books.book(SHOP), books.book(PRO)
    device = shop.devices[41]
    books.put(replace(pro, devices={1: replace(device, id=1)}))
    books.put(replace(shop, devices={}))
    assert books.device(ANNA)[0].operator.id == PRO
