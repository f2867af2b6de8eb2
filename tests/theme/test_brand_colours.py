"""An operator may choose any colour, and every text stays readable."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theme.brand import DARK, LIGHT, Scheme, brand_css, shades
from theme.colour import contrast, luminance

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
schemes = st.sampled_from([LIGHT, DARK])
TOKENS = Path(__file__).parents[2] / "platform/theme/static/theme/css/tokens.css"


@given(colours, schemes)
def test_every_text_in_a_brands_colour_has_contrast(colour: str, scheme: Scheme) -> None:
    made = shades(colour, scheme)
    assert contrast(made["on-fill"], made["fill"]) >= 4.5
    assert contrast(made["on-fill"], made["fill-hover"]) >= 4.5
    assert contrast(made["on-soft"], made["soft"]) >= 4.5
    for surface in (*scheme.surfaces, made["soft"]):
        assert contrast(made["text"], surface) >= 4.5
    for surface in scheme.surfaces:
        assert contrast(made["edge"], surface) >= 3.0


@given(colours, colours)
def test_the_stylesheet_holds_nothing_but_properties_and_checked_colours(primary: str, accent: str) -> None:
    lines = brand_css(primary, accent).splitlines()
    assert (lines[0], lines[-1]) == (":root {", "}")
    assert len(lines) == 2 + 14
    for line in lines[1:-1]:
        assert re.fullmatch(r"  --(brand|accent)-[a-z-]+: light-dark\(#[0-9a-f]{6}, #[0-9a-f]{6}\);", line)


@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#FFD400", "#3b82f6", "#7f7f7f"])
def test_the_ends_and_middles_of_the_range_have_contrast(colour: str) -> None:
    for scheme in (LIGHT, DARK):
        made = shades(colour, scheme)
        assert contrast(made["on-fill"], made["fill"]) >= 4.5
        assert made["fill"] != made["fill-hover"]


def test_a_readable_colour_is_kept_as_the_operator_chose_it() -> None:
    assert shades("#0f766e", LIGHT)["fill"] == "#0f766e"
    assert shades("#ffd400", LIGHT)["fill"] == "#ffd400"


@pytest.mark.parametrize(
    "colour",
    [
        "", "#fff", "0f766e", "#0f766", "#0f766e0", "#0f766g", "red", "#0f766e\n", " #0f766e",
        "#0f766e;}body{display:none",
        "url(//evil.example)", "#٠٠٠٠٠٠", "expression(1)", None, 123456, b"#0f766e",
    ],
)  # fmt: skip
def test_anything_but_six_hexadecimal_digits_is_refused_with_one_sentence(colour: object) -> None:
    for given_colours in ((colour, None), ("#0f766e", colour if colour is not None else "")):
        with pytest.raises(
            ValueError, match=r"^A colour is written as # and six hexadecimal digits, for example #0f766e\.$"
        ):
            brand_css(*given_colours)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert luminance("#ff0000") == pytest.approx(0.2126)


def test_the_surfaces_are_those_of_the_stylesheet() -> None:
    text = TOKENS.read_text()
    found = {
        name: re.search(rf"--{name}: light-dark\((#\w+), (#\w+)\)", text) for name in ("surface", "canvas", "sunken")
    }
    for position, name in enumerate(found):
        assert found[name].groups() == (LIGHT.surfaces[position], DARK.surfaces[position])


def _pairs() -> list[tuple[str, str, float]]:
    tones = [(f"{tone}-text", f"{tone}-soft", 4.5) for tone in ("success", "warning", "danger", "info")]
    marks = [(f"{tone}-mark", "surface", 3.0) for tone in ("success", "warning", "danger", "info")]
    texts = [
        (text, under, 4.5) for text in ("text", "text-muted", "text-faint") for under in ("canvas", "surface", "sunken")
    ]
    neutral = [
        ("brand-on-fill", "brand-fill", 4.5),
        ("brand-on-soft", "brand-soft", 4.5),
        ("brand-edge", "sunken", 3.0),
    ]
    return [*tones, *marks, *texts, *neutral, ("control-line", "surface", 3.0), ("danger-text", "surface", 4.5)]


@pytest.mark.parametrize(("front", "under", "ratio"), _pairs())
def test_the_stylesheets_own_colours_have_contrast(front: str, under: str, ratio: float) -> None:
    defined = dict(re.findall(r"--([\w-]+): light-dark\((#\w+, #\w+)\)", TOKENS.read_text()))
    for above, below in zip(defined[front].split(", "), defined[under].split(", "), strict=True):
        assert contrast(above, below) >= ratio
