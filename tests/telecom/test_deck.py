"""A deck finds the longest prefix in force, straight from its bytes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telecom.deck import Deck, DeckError, DeckRow, build

prefixes = st.text("0123", min_size=1, max_size=6)
prices = st.decimals(min_value=0, max_value=100, places=6)
instants = st.none() | st.integers(0, 5)
decks = st.dictionaries(
    st.tuples(prefixes, instants), st.tuples(prices, prices, st.integers(0, 99), st.integers(0, 99), st.booleans())
)


def rows_of(deck: dict) -> list[DeckRow]:
    return [
        DeckRow(prefix, per_minute, fee, min_time, increment, since, blocked)
        for (prefix, since), (per_minute, fee, min_time, increment, blocked) in deck.items()
    ]


def plainly(rows: list[DeckRow], number: str, now: int) -> DeckRow | None:
    fitting = [
        one
        for one in rows
        if number.startswith(one.prefix) and (one.effective_from is None or one.effective_from <= now)
    ]
    since = [(-1 if one.effective_from is None else one.effective_from) for one in fitting]
    return max(zip(fitting, since, strict=True), key=lambda one: (len(one[0].prefix), one[1]), default=(None,))[0]


@settings(max_examples=400)
@given(decks, st.text("0123", min_size=1, max_size=8), st.integers(0, 6))
def test_the_longest_prefix_in_force_is_found_whatever_nests_in_what(deck, number, now):
    rows = rows_of(deck)
    found, expected = Deck(build(rows)).find(number, now), plainly(rows, number, now)
    if expected is None:
        assert found is None
        return
    prefix, record = found
    assert prefix == expected.prefix
    assert (record.per_minute, record.connection_fee) == (expected.per_minute, expected.connection_fee)
    assert (record.min_time, record.increment, record.blocked) == (
        expected.min_time,
        expected.increment,
        expected.blocked,
    )


@given(decks)
def test_a_deck_gives_its_rows_back_whatever_order_they_came_in(deck):
    rows = rows_of(deck)
    block = build(rows)
    assert len(Deck(block)) == len(rows)
    back = list(Deck(memoryview(block)).rows())
    assert len(back) == len(rows) and set(back) == set(rows)
    assert [one.prefix for one in back] == sorted(one.prefix for one in rows)
    assert set(Deck(build(reversed(rows))).rows()) == set(rows)


def test_a_blocked_longest_prefix_does_not_give_way_to_a_shorter_one():
    deck = Deck(build([DeckRow("370", Decimal("0.1")), DeckRow("3706", Decimal("0.2"), blocked=True)]))
    prefix, record = deck.find("37061234567", 0)
    assert prefix == "3706" and record.blocked


def test_the_newest_version_in_force_counts_and_future_ones_do_not():
    deck = Deck(
        build(
            [
                DeckRow("370", Decimal("0.1")),
                DeckRow("370", Decimal("0.2"), effective_from=1000),
                DeckRow("370", Decimal("0.3"), effective_from=2000),
                DeckRow("3706", Decimal("0.9"), effective_from=3000),
            ]
        )
    )
    prices = [deck.find("37061234567", now)[1].per_minute for now in (0, 999, 1000, 1999, 2000, 2999, 3000)]
    assert prices == [Decimal(one) for one in ("0.1", "0.1", "0.2", "0.2", "0.3", "0.3", "0.9")]


def test_a_number_shorter_than_a_prefix_does_not_match_it():
    deck = Deck(build([DeckRow("44", Decimal(1)), DeckRow("4400", Decimal(2))]))
    assert deck.find("440", 0)[0] == "44"
    assert deck.find("4400", 0)[0] == "4400"
    assert deck.find("4", 0) is None


def test_an_empty_deck_knows_no_number_and_letters_are_no_number():
    deck = Deck(build([]))
    assert deck.find("37061234567", 0) is None and len(deck) == 0
    assert Deck(build([DeckRow("1", Decimal(1))])).find("1a", 0) is None


def test_prefixes_of_eighteen_digits_and_longer_numbers_work():
    deck = Deck(build([DeckRow("9" * 18, Decimal(1)), DeckRow("0", Decimal(2))]))
    assert deck.find("9" * 20, 0)[0] == "9" * 18
    assert deck.find("9" * 17, 0) is None
    assert deck.find("0123", 0)[0] == "0"


def test_equal_prices_are_stored_once():
    rows = [DeckRow(str(one), Decimal("0.10") if one % 2 else Decimal("0.1")) for one in range(1000, 2000)]
    assert len(Deck(build(rows))._records) == 40


@pytest.mark.parametrize(
    "rows",
    [
        [DeckRow("", Decimal(1))],
        [DeckRow("37a", Decimal(1))],
        [DeckRow("٣", Decimal(1))],
        [DeckRow("1" * 19, Decimal(1))],
        [DeckRow("1", Decimal(-1))],
        [DeckRow("1", Decimal("NaN"))],
        [DeckRow("1", Decimal("Infinity"))],
        [DeckRow("1", Decimal("1e30"))],
        [DeckRow("1", Decimal("1e-30"))],
        [DeckRow("1", Decimal(1), min_time=-1)],
        [DeckRow("1", Decimal(1), increment=2**40)],
        [DeckRow("1", Decimal(1)), DeckRow("1", Decimal(2))],
    ],
)
def test_rows_that_make_no_deck_are_refused_in_one_sentence(rows):
    with pytest.raises(DeckError, match=r"\.$"):
        build(rows)


@pytest.mark.parametrize("block", [b"", b"nonsense" * 20, build([DeckRow("1", Decimal(1))])[:-8]])
def test_bytes_that_are_no_deck_are_refused(block):
    with pytest.raises(DeckError, match=r"\.$"):
        Deck(block)
