"""Price lists as carriers send them are read in any common writing, and every fault is named with its line."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from portal.tariffs.read_prices import BadFile, read_prices


def good(content: bytes | str):
    prices = read_prices(content if isinstance(content, bytes) else content.encode(), UTC)
    assert prices.problems == []
    return prices.lines


def faults(content: bytes | str) -> list[tuple[int, str, str]]:
    prices = read_prices(content if isinstance(content, bytes) else content.encode(), UTC)
    return [(one.line, one.value, one.message) for one in prices.problems]


def refusal(content: bytes) -> str:
    with pytest.raises(BadFile) as caught:
        read_prices(content, UTC)
    return str(caught.value)


def test_columns_are_found_by_their_names_in_any_order():
    (line,) = good(
        "Rate,Destination Name,Dial Code,Min. Time,Billing Increment,Setup Fee\n0.012,Lithuania,370,30,6,0.01\n"
    )
    assert line[1:7] == ("370", "Lithuania", Decimal("0.012"), Decimal("0.01"), 30, 6)
    assert not line.blocked and line.effective_from is None


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_any_separator_is_found(separator):
    (line,) = good(separator.join(["prefix", "price"]) + "\n" + separator.join(["370", "0.5"]) + "\n")
    assert (line.prefix, line.price) == ("370", Decimal("0.5"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"])
def test_any_common_encoding_is_read(encoding):
    (line,) = good("prefix;destination;price\r\n47;Norge - øst;0,1\r\n".encode(encoding))
    assert (line.destination, line.price) == ("Norge - øst", Decimal("0.1"))


def test_a_decimal_comma_is_a_decimal_mark():
    lines = good('prefix,price\n370,"0,0125"\n371,"1,5"\n')
    assert [line.price for line in lines] == [Decimal("0.0125"), Decimal("1.5")]


def test_two_decimal_marks_in_one_file_are_refused_where_the_second_comes():
    assert faults("prefix;price\n1;0,1\n2;0.2\n") == [
        (3, "0.2", "Other prices of this file are written with “,”. Use one decimal mark throughout.")
    ]


def test_dates_are_read_in_both_writings_and_in_the_zone_that_is_given():
    lines = good("prefix;price;effective from\n1;1;2026-12-31\n2;1;31.12.2026\n3;1;2026-12-31T10:00:00+02:00\n4;1;\n")
    new_year = datetime(2026, 12, 31, tzinfo=UTC)
    assert [line.effective_from for line in lines] == [new_year, new_year, datetime(2026, 12, 31, 8, tzinfo=UTC), None]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ("370;-0.1", "can't be negative"),
        ("370;\u22120.1", "can't be negative"),
        ("370;=1+1", "formula"),
        ("=370;0.1", "formula"),
        ("+370;0.1", "without the plus"),
        ("370;1.2e-5", "has shortened this number"),
        ("3.7E+10;0.1", "has shortened this number"),
        ("370;99999999999", "at most ten digits"),
        ("370;0.12345678901", "at most ten digits"),
        ("370;1,234.50", "marks between thousands"),
        ("370;1 234", "marks between thousands"),
        ("370;cheap", "as a number"),
        ("370;", "price is missing"),
        (";0.1", "prefix is missing"),
        ("37x;0.1", "digits only"),
        ("00370;0.1", "without leading zeros"),
        ("٣٧٠;0.1", "digits only"),
        ("3701-3709;0.1", "one prefix per line"),
        ("1234567890123456;0.1", "at most 15 digits"),
        ("370;0.1;x", "has 3 columns, the heading has 2"),
        ("370", "has 1 columns, the heading has 2"),
        ("37\x070;0.1", "can't be seen"),
    ],
)
def test_a_bad_line_is_named_with_what_to_do(cells, words):
    ((line, _value, message),) = faults(f"prefix;price\n44;0.1\n{cells}\n45;0.1\n")
    assert line == 3 and words in message and message.endswith(".")


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("destination", "=HYPERLINK(1)", "formula"),
        ("destination", "@sum", "formula"),
        ("destination", "a\u202eb", "can't be seen"),
        ("destination", "x" * 121, "at most 120"),
        ("minimum", "1.5", "whole seconds"),
        ("increment", "60/60", "whole seconds"),
        ("increment", "86401", "At most a day"),
        ("effective from", "12/31/2026", "Write the date as"),
        ("effective from", "2026-02-30", "no such date"),
        ("effective from", "9999-01-01", "between 2000 and 2100"),
        ("blocked", "perhaps", "yes or no"),
        ("connection fee", "-1", "negative"),
    ],
)
def test_other_columns_are_checked_too(column, cell, words):
    ((line, _value, message),) = faults(f"prefix;price;{column}\n370;0.1;{cell}\n")
    assert line == 2 and words in message


def test_a_prefix_that_comes_twice_names_the_other_line():
    assert faults("prefix;price\n1;1\n2;1\n1;2\n") == [(4, "1", "Line 2 has the same prefix. Remove one of the two.")]


def test_the_same_prefix_from_different_dates_is_two_rates():
    assert len(good("prefix;price;effective from\n1;1;2026-01-01\n1;2;2027-01-01\n")) == 2


def test_a_blocked_line_needs_no_price():
    (line,) = good("prefix;price;blocked\n881;;yes\n")
    assert line.blocked and line.price == 0


def test_line_numbers_are_those_of_the_file_with_blank_lines_and_line_breaks_in_quotes():
    content = 'prefix;destination;price\n\n1;"two\nlines";1\n2;ok;x\n'
    assert [line for line, _value, _message in faults(content)] == [3, 5]


def test_faults_are_counted_to_the_end_and_the_first_are_shown():
    prices = read_prices(("prefix;price\n" + "x;1\n" * 1000).encode(), UTC)
    assert prices.problem_count == 1000 and len(prices.problems) == 200


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"  \r\n ", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"prefix;price\n", "no prices"),
        (b"370;0.1\n371;0.2\n", "isn't known"),
        (b"prefix;destination\n1;x\n", "“price” isn't among them"),
        (b"prefix;price;rate\n1;1;1\n", "hold the same thing"),
        (b"prefix;price;incremnt\n1;1;1\n", "“incremnt” isn't known"),
        (b"PK\x03\x04rest of a workbook", "save it as CSV"),
        (bytes(range(256)) * 20, "."),
        (b"\x7fELF\x02\x01\x01\x00" + b"\x00" * 50, "text file"),
    ],
)
def test_a_file_that_is_no_price_list_gets_one_sentence(content, words):
    message = refusal(content)
    assert words in message and message.endswith(".") and "\n" not in message


def test_quotation_marks_that_never_end_are_one_fault():
    ((line, _value, message),) = faults('prefix;price\n1;1\n2;"1\n3;1\n')
    assert line == 3 and "quotation marks" in message
