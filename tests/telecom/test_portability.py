"""Number portability, and tables of millions of numbers (rating-routing.md 2, step 6)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telecom.book import Books
from telecom.bookfile import decode, encode
from telecom.decision import Call, decide
from telecom.localization import Rule, RuleKind
from telecom.mnp import BadLine, Mnp, Ported, clean_rows, request_text, without_prefix
from telecom.numbermap import NumberMap, build_map
from telecom.settlement import from_snapshot, snapshot, to_snapshot
from tests.telecom.worlds import ANNA, NOW, ROOT, lcr, provider, single, tariff


def mnp(*rows: tuple[str, str], dial: tuple[str, ...] = (), **more) -> Mnp:
    return Mnp(NumberMap(build_map(rows)), dial, **more)


def test_an_exact_hit_puts_the_prefix_before_the_number():
    found = mnp(("30210123456", "589000")).look_up("30210123456")
    assert found == ("58900030210123456", "589000", "")


def test_a_hit_behind_a_dial_prefix_puts_the_prefix_between_the_two():
    table = mnp(("123456789", "999"), dial=("00370", "370", "8"))
    assert table.look_up("+370123456789") == ("+370999123456789", "999", "370")
    assert table.look_up("00370123456789") == ("00370999123456789", "999", "00370")
    assert table.look_up("8123456789") == ("8999123456789", "999", "8")


def test_a_miss_leaves_the_number():
    table = mnp(("123456789", "999"), dial=("370",))
    assert table.look_up("37011") == ("37011", "", "")
    assert table.look_up("370") == ("370", "", "")
    assert not table.look_up("*#").hit


@pytest.mark.parametrize(
    ("ported", "text"),
    [(Ported("370999123456789", "999", "370"), ";npdi;rn=370999123456789"), (Ported("370123", "", ""), ";npdi")],
)
def test_the_request_line_says_what_was_found(ported, text):
    assert request_text(ported) == text


def test_the_prefix_comes_off_again_where_it_was_put_in():
    assert without_prefix("58900030210123456", Ported("58900030210123456", "589000", "")) == "30210123456"
    assert without_prefix("370999123", Ported("370999123", "999", "370")) == "370123"
    assert without_prefix("44123", Ported("370999123", "999", "370")) == "44123"
    assert without_prefix("44123", None) == "44123"


def test_rows_with_anything_but_digits_are_left_out_and_shown():
    bad: list[BadLine] = []
    rows = [("370123", "1"), ("+370123", "1"), ("", "1"), ("1", "x"), ("5", "6")]
    assert list(clean_rows(rows, bad)) == [("370123", "1"), ("5", "6")]
    assert [one.line for one in bad] == [2, 3, 4]


def world(**options):
    table = mnp(("37061234567", "589000302"), **options)
    return single(
        tariff(1, ("3", "10"), ("589000302", "8")),
        lcr(1, 1, 2),
        lcr(2, 2),
        provider(1, 101, npdi=True),
        provider(2, 102),
        tariff(101, ("3", "1"), ("589000302", "2")),
        tariff(102, ("3", "1"), ("589000302", "3")),
        mnp=table,
    )


def test_a_ported_number_is_priced_and_routed_by_its_carrier_and_may_be_longer_than_a_number():
    decision = decide(world(), Call(ANNA, "37061234567"), NOW)
    assert decision.number == "58900030237061234567"
    assert decision.payers[0].hold(60) == 8
    assert [one.cost.rate.per_minute for one in decision.routes] == [2, 3]
    assert any(step.name == "portability" and "589000302" in step.text() for step in decision.trace)


def test_only_a_provider_that_wants_to_know_gets_it_on_the_request_line():
    first, second = decide(world(), Call(ANNA, "37061234567"), NOW).routes
    assert (first.number, first.request_text) == ("37061234567", ";npdi;rn=58900030237061234567")
    assert (second.number, second.request_text) == ("58900030237061234567", "")
    missed = decide(world(), Call(ANNA, "37069999999"), NOW).routes
    assert [(one.number, one.request_text) for one in missed] == [("37069999999", ";npdi"), ("37069999999", "")]


def test_a_hit_may_have_its_own_routing():
    assert [one.provider_id for one in decide(world(lcr_id=2), Call(ANNA, "37061234567"), NOW).routes] == [2]


def test_the_request_text_survives_the_snapshot():
    decision = decide(world(), Call(ANNA, "37061234567"), NOW)
    assert from_snapshot(snapshot(decision)) == to_snapshot(decision)


def test_a_provider_rule_strips_the_carriers_prefix():
    rule = Rule(1, RuleKind.DESTINATION, "569000", "")
    table = mnp(("30210123456", "569000"))
    books = single(
        tariff(1, ("5", "1")), lcr(1, 1), provider(1, 101, called_rules=(rule,)), tariff(101, ("5", "1")), mnp=table
    )
    assert decide(books, Call(ANNA, "30210123456"), NOW).routes[0].number == "30210123456"


def test_a_book_keeps_its_table_of_numbers_mapped():
    books = world()
    back = Books([decode(encode(books.book(ROOT)))])
    call = Call(ANNA, "37061234567")
    assert decide(back, call, NOW) == decide(books, call, NOW)
    assert isinstance(back.book(ROOT).mnp.table.block, memoryview)


digits = st.text("0123456789", min_size=1, max_size=18)


@given(st.dictionaries(digits, st.text("0123456789", max_size=6), max_size=40), st.lists(digits, max_size=10))
def test_a_table_answers_like_a_dictionary(rows, others):
    table = NumberMap(build_map(rows.items()))
    assert len(table) == len(rows) and dict(table.items()) == rows
    for one in (*rows, *others):
        assert table.get(one) == rows.get(one) and (one in table) == (one in rows)


@pytest.mark.parametrize("number", ["", "+37", "37a", "٣", "1" * 19])
def test_a_table_knows_nothing_that_is_no_number(number):
    assert NumberMap(build_map([("1", "x")])).get(number) is None


@pytest.mark.parametrize("block", [b"", b"NMAP0001", build_map([("1", "x")])[:-8], build_map([("1", "x")]) + bytes(8)])
def test_bytes_that_are_no_table_are_refused(block):
    with pytest.raises(ValueError, match="table of numbers"):
        NumberMap(block)


def test_a_number_that_is_none_is_refused_by_the_builder():
    with pytest.raises(ValueError, match="18 digits"):
        build_map([("+370", "1")])


def test_twelve_bytes_a_number_are_enough():
    assert len(build_map((str(one), "999") for one in range(10_000))) / 10_000 < 12.1
