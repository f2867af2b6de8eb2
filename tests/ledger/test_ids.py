from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.ids import Minter, id_at, moment_of, month_bounds


@given(st.lists(st.integers(1_750_000_000_000, 1_750_000_000_050), max_size=200), st.integers(0, 1023))
def test_ids_ascend_and_differ_even_when_the_clock_steps_back(clock, number):
    minter = Minter(number)
    ids = [minter.mint(now) for now in clock]
    assert ids == sorted(set(ids)) and all(one >> 12 & 1023 == number for one in ids)


def test_more_ids_than_fit_a_millisecond_borrow_from_the_next():
    minter = Minter(7)
    ids = [minter.mint(1_800_000_000_000) for _ in range(10_000)]
    assert len(set(ids)) == 10_000 and ids == sorted(ids) and max(ids) < 2**63


@given(st.datetimes(datetime(2025, 1, 1), datetime(2094, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_an_id_tells_its_moment_and_lies_in_its_month(moment):
    whole = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert moment_of(id_at(moment)) == whole
    first, last = month_bounds(moment)
    assert first <= id_at(moment) < last
    assert moment_of(first).day == 1 and moment_of(last).day == 1


def test_a_minters_number_has_ten_bits():
    with pytest.raises(ValueError, match="between 0 and 1023"):
        Minter(1024)
