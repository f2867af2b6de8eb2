"""Every row of rating-routing.md section 16, in the three grammars."""

from __future__ import annotations

import random

import pytest

from telecom import linear
from telecom.dial_plan import DialPlan
from telecom.matching import Pattern, PatternKind
from telecom.transform import transform

needs_engine = pytest.mark.skipif(not linear.available(), reason="google-re2 is not installed")


@pytest.mark.parametrize(
    ("number", "rule", "result"),
    [
        ("+86123456789", r"-\+", "86123456789"),
        ("+37061234567", r"-\+", "37061234567"),
        ("86123456789", "00", "0086123456789"),
        ("003706123456789", "-00", "3706123456789"),
        ("003706123456789", r"-\+|-00", "3706123456789"),
        ("+3706123456789", r"-\+|-00", "3706123456789"),
        ("86123456789", "-8+370", "3706123456789"),
        ("76123456789", "-8+370", "76123456789"),
        ("03706123456789", "-00+370|-0", "3706123456789"),
        ("3706123456789", "-00+370|-0|+", "+3706123456789"),
        ("86123456789", "-8+370|00", "3706123456789"),
        ("86123456789", r"-8+\+370", "+3706123456789"),
        ("86123456789", "+", "+86123456789"),
        ("03706123456789", r"-0+\+", "+3706123456789"),
        ("6123", "00|-6+370", "006123"),
    ],
)
def test_the_old_format_of_m2_and_m4(number, rule, result):
    assert transform(rule, number).number == result


@needs_engine
@pytest.mark.parametrize(
    ("rule", "number", "result"),
    [
        ("/^00//", "003701234567", "3701234567"),
        ("/^00//", "00370123456789", "370123456789"),
        ("/^370/8/", "370123456789", "8123456789"),
        (r"/\+//", "+370123456789", "370123456789"),
        (r"/\+370/86/", "+370123456789", "86123456789"),
        (r"/\+?(.*)/+\1/", "370123456789", "+370123456789"),
        (r"/\+?(.*)/+\1/", "+370123456789", "+370123456789"),
    ],
)
def test_regular_expressions(rule, number, result):
    assert transform(rule, number).number == result


@needs_engine
@pytest.mark.parametrize(
    ("expression", "fitting", "other"),
    [
        (".*", ["", "+1", "370"], []),
        ("^[0-9]+$", ["1", "370"], ["", "+370", "a"]),
        ("^[0-9]{9,}$", ["123456789", "1234567890"], ["12345678"]),
        (r"^\+?[0-9]+$", ["+370", "370"], ["++370", ""]),
        ("^370[0-9]+$", ["3701"], ["370", "371"]),
        ("^(37[0-1]|44)[0-9]*$", ["370", "371", "44", "441"], ["372", "45"]),
        ("^[0-9]{0,9}$", ["", "123456789"], ["1234567890"]),
    ],
)
def test_match_lists(expression, fitting, other):
    pattern = Pattern(expression, PatternKind.REGEX)
    assert all(pattern.fits(one) for one in fitting)
    assert not any(pattern.fits(one) for one in other)


@pytest.mark.parametrize(
    ("rules", "number", "result"),
    [
        ("0->0", "02584316146", "02584316146"),
        ("0->010", "02584316146", "0102584316146"),
        ("025->", "02584316146", "84316146"),
        ("*->025*", "117", "025117"),
        ("025*->010", "02584316146", "01084316146"),
        ("->010*", "02584316146", "01002584316146"),
        ("*->", "02584316146", ""),
        ("*->12345678", "02584316146", "12345678"),
        ("0??8431->8431", "02584316146", "84316146"),
        ("0134->$$$", "0134131", "013131"),
        ("0->0, 010->025", "01012345678", "02512345678"),
        ("*->025*, 01->00", "0112345678", "0012345678"),
        ("0->0,01->025,011->00", "01117654321", "0017654321"),
        ("00->", "004412345678", "4412345678"),
        ("*->00*", "4412345678", "004412345678"),
        ("+->00", "+4412345678", "004412345678"),
        ("*->86*", "13812345678", "8613812345678"),
        ("E8->025*", "84316146", "02584316146"),
        ("025->010", "02584316146", "01084316146"),
        ("013->8613", "01381234567", "861381234567"),
    ],
)
def test_the_dial_plan_of_vos3000(rules, number, result):
    assert transform(rules, number).number == result


@pytest.mark.parametrize(
    ("original", "fitting", "other"),
    [
        ("010E7", "0101234567", "01012345678"),
        ("010G7", "01012345678", "0101234567"),
        ("13L9", "1381234567", "13812345678"),
    ],
)
def test_the_length_guards_of_the_dial_plan(original, fitting, other):
    plan = DialPlan([(original, "9")])
    assert plan.apply(fitting).line is not None
    assert plan.apply(other).line is None


@pytest.mark.parametrize(
    ("rule", "number", "possible"),
    [
        ("025*->8008100-8008121", "02584316146", {str(one) for one in range(8008100, 8008122)}),
        ("*->12345?78", "02584316146", {f"12345{one}78" for one in range(10)}),
        (
            "*->12345678;8008100-8008121;12345?78",
            "7",
            {"12345678", *(str(one) for one in range(8008100, 8008122)), *(f"12345{one}78" for one in range(10))},
        ),
    ],
)
def test_what_the_dial_plan_draws_is_every_possibility_and_nothing_else(rule, number, possible):
    dice = random.Random(5).random
    assert {transform(rule, number, dice).number for _ in range(3000)} == possible
