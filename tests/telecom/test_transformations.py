"""Transformations behave like their models: sed for expressions, and one sentence for what is written wrong."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telecom import linear
from telecom.transform import Grammar, TransformError, grammar, transform, transformation, transformation_problems

needs_engine = pytest.mark.skipif(not linear.available(), reason="google-re2 is not installed")
needs_sed = pytest.mark.skipif(not shutil.which("sed"), reason="sed is not installed")
numbers = st.text("0123+", max_size=8)


@needs_engine
@needs_sed
@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(
        ["^00", "0", "0*", "(0|01)(1|12)?", r"\+?(.*)", "[12]+$", "(1)|(2)", "x*", "^", "$", "0{2,}", "(0*)(1*)"]
    ),
    st.sampled_from(["", "7", r"<\1>", "[&]", r"\&", "a/b".replace("/", r"\/")]),
    st.sampled_from(["", "g", "i", "gi"]),
    numbers,
)
def test_a_substitution_does_what_sed_does(expression, replacement, flags, number):
    if r"\1" in replacement and "(" not in expression:
        replacement = "8"
    rule = f"/{expression}/{replacement}/{flags}"
    done = subprocess.run(["sed", "-E", f"s{rule}"], input=number + "\n", capture_output=True, text=True, check=True)
    assert transform(rule, number).number == done.stdout.removesuffix("\n")


@needs_engine
def test_an_expression_that_hangs_other_engines_takes_no_time():
    assert transform("/^(0+)+$/1/", "0" * 60 + "x").number == "0" * 60 + "x"


@pytest.mark.parametrize(
    ("text", "kind"),
    [("-00+370", Grammar.CUT_ADD), ("/^0//", Grammar.REGEX), ("0->1", Grammar.DIAL_PLAN), ("", Grammar.CUT_ADD)],
)
def test_the_grammar_is_seen_from_the_text(text, kind):
    assert grammar(text) is kind


@pytest.mark.parametrize(
    "text",
    [
        "-",
        "-+1",
        "00\\",
        "1" * 256,
        "-0+a b",
        "0->1->2",
        "0L->1\n2",
        "0->9-1",
        "0->1-22",
        "0->$$",
        "0->*1",
        "0->1,0->2",
        "a->1",
        "*->",
        "5->;12",
    ],
)
def test_what_is_written_wrong_is_told_in_one_sentence(text):
    problems = transformation_problems(text)
    assert problems and all(one.endswith(".") for one in problems)


@needs_engine
@pytest.mark.parametrize(
    "text", ["/(/1/", "/0/1", "/0/1/x", "/0/1/gg", r"/0/\1/", "/.*//", "/0/1/g/2", "/" + "0" * 254 + "//"]
)
def test_an_expression_that_cannot_work_is_told_in_one_sentence(text):
    problems = transformation_problems(text)
    assert problems and all(one.endswith(".") for one in problems)


@pytest.mark.parametrize("text", ["", "-00+370|-0|+", "00->", "*->025*", "025*->8008100-8008121", "010G7->1"])
def test_what_is_right_has_no_problems(text):
    assert transformation_problems(text) == []


def test_without_the_engine_an_expression_is_refused_and_nothing_else(monkeypatch):
    linear.compile_expression.cache_clear()
    transformation.cache_clear()
    monkeypatch.setattr(linear, "_re2", None)
    with pytest.raises(TransformError, match="google-re2"):
        transform("/^00//", "001")
    assert transform("-00", "001").number == "1"
    transformation.cache_clear()


@given(st.text(max_size=40), st.text(max_size=20))
def test_nothing_that_can_be_typed_breaks_the_grammars(text, number):
    try:
        transform(text, number)
    except TransformError as error:
        assert str(error).endswith(".")
    assert all(one.endswith(".") for one in transformation_problems(text))


@given(numbers)
def test_cutting_and_adding_back_is_identity(number):
    assert transform("-00", transform("00", number).number).number == number
    assert transform("00->", transform("*->00*", number).number).number == number


def test_what_was_applied_is_named():
    assert transform("-00+370|-0", "01").part == "-0+"
    assert transform("0->1,*->2", "05").part == "0->1"
    assert transform("-9", "1").part == ""
