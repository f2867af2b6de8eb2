"""The operator's own formula of quality (rating-routing.md 10)."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telecom.quality import (
    NAMES,
    Formula,
    FormulaError,
    Quality,
    explored,
    formula,
    formula_problem,
    mean_of_segments,
    pooled,
    scores,
)

VALUES = {"ASR": 50.0, "ACD": 150.0, "PDD": 2.0, "PRICE": 0.01, "NER": 80.0, "CALLS": 100.0}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ASR", 50),
        ("asr + acd", 200),
        ("ASR * ACD / 60", 125),
        ("-PDD + 2 * (3 - 1)", 2),
        ("min(ASR, NER, 10) + max(1, 2)", 12),
        ("ASR / (PDD - 2)", 0),
        ("1e308 * 1e308", 0),
        ("+CALLS", 100),
    ],
)
def test_a_formula_computes(text, value):
    assert Formula(text)(VALUES) == value


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ASR + MOS", "'MOS'"),
        ("sum(ASR, 1)", "'sum'"),
        ("ASR ** 2", "ASR ** 2"),
        ("ASR if ACD else 1", "only, not"),
        ("'x'", "'x'"),
        ("True", "True"),
        ("1j", "1j"),
        ("ASR.real", "ASR.real"),
        ("__import__('os')", "__import__"),
        ("min(ASR)", "two values"),
        ("min(*ASR, 1)", "two values"),
        ("min(ASR, 1, key=2)", "two values"),
        ("ASR +", "brackets"),
        ("", "empty"),
        ("1+" * 140 + "1", "255"),
        ("-" * 120 + "1", "too long"),
    ],
)
def test_a_formula_that_holds_something_else_is_refused_and_names_it(text, told):
    with pytest.raises(FormulaError, match=r"\.$"):
        Formula(text)
    assert told in formula_problem(text)


def test_a_formula_is_compiled_once():
    assert formula("ASR+ACD") is formula("ASR+ACD")


@given(st.text("ASRCDPN()+-*/0123456789., minmax", max_size=40), st.floats(allow_nan=False))
def test_a_formula_either_computes_a_number_or_is_refused(text, price):
    try:
        rule = Formula(text)
    except FormulaError as error:
        assert str(error).endswith(".")
        return
    assert isinstance(rule(dict.fromkeys(NAMES, price)), float)


def test_asr_and_acd_are_those_of_the_rating_section():
    window = Quality(attempts=100, answered=30, effective=60, talk_seconds=4500, delay_seconds=60, delays=30)
    assert window.values(0.5) == {"ASR": 30, "ACD": 150, "PDD": 2, "NER": 60, "CALLS": 100, "PRICE": 0.5}
    assert Quality().values(0.5)["ASR"] == 0


def test_pooled_counts_weigh_every_call_the_same():
    segments = [Quality(45, 25), Quality(50, 30), Quality(40, 22)]
    assert round(mean_of_segments(segments), 2) == 56.85
    assert round(pooled(segments).values(0)["ASR"], 2) == 57.04
    ten = [Quality(100, one) for one in (55, 58, 52, 60, 57, 54, 59, 56, 61, 58)]
    assert mean_of_segments(ten) == pooled(ten).values(0)["ASR"] == 57.0
    assert mean_of_segments([]) == 0


def test_a_new_provider_gets_the_average_of_the_measured_ones():
    found = scores(Formula("ASR"), [(Quality(100, 80), 0), (Quality(100, 40), 0), (Quality(3, 0), 0)])
    assert found == [(80, True), (40, True), (60, False)]
    assert scores(Formula("ASR"), [(Quality(), 0)]) == [(0, False)]


def test_one_in_fifty_calls_goes_anywhere_first():
    dice = random.Random(1).random
    firsts = [explored(4, dice) for _ in range(100_000)]
    assert abs(sum(one > 0 for one in firsts) / 100_000 - 0.02 * 0.75) < 0.002
    assert set(firsts) == {0, 1, 2, 3}
    assert explored(1, dice) == 0
