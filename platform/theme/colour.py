"""Colour arithmetic: hex, relative luminance, contrast (WCAG 2.2) and moving lightness in OKLCH at a constant hue."""

import math
import re
from typing import NamedTuple

_HEX = re.compile(r"#[0-9a-fA-F]{6}", re.ASCII)


class Lch(NamedTuple):
    """OKLCH: lightness 0..1, chroma 0..about 0.37, hue in radians. https://bottosson.github.io/posts/oklab/"""

    lightness: float
    chroma: float
    hue: float


def parse_hex(colour: str) -> tuple[int, int, int]:
    """Red, green and blue (0..255) of `#rrggbb`. Raises ValueError with one sentence for anything else."""
    if not isinstance(colour, str) or not _HEX.fullmatch(colour):
        raise ValueError("A colour is written as # and six hexadecimal digits, for example #0f766e.")
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _to_linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _to_gamma(channel: float) -> float:
    return channel * 12.92 if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


def luminance(colour: str) -> float:
    """Relative luminance, 0 for black to 1 for white (WCAG 2.2, definition "relative luminance")."""
    red, green, blue = (_to_linear(channel / 255) for channel in parse_hex(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Contrast ratio, 1 to 21 (WCAG 2.2, definition "contrast ratio")."""
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


def to_lch(colour: str) -> Lch:
    red, green, blue = (_to_linear(channel / 255) for channel in parse_hex(colour))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return Lch(lightness, math.hypot(a, b), math.atan2(b, a))


def _to_rgb(colour: Lch) -> tuple[float, float, float]:
    a, b = colour.chroma * math.cos(colour.hue), colour.chroma * math.sin(colour.hue)
    long = (colour.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (colour.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (colour.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def to_hex(colour: Lch) -> str:
    """The nearest `#rrggbb`; a colour the screen cannot show keeps its lightness and hue and loses chroma."""
    lightness = min(max(colour.lightness, 0.0), 1.0)
    chroma = colour.chroma
    for _ in range(24):
        rgb = _to_rgb(Lch(lightness, chroma, colour.hue))
        if all(-0.0005 <= channel <= 1.0005 for channel in rgb):
            break
        chroma *= 0.9
    else:
        rgb = _to_rgb(Lch(lightness, 0.0, 0.0))
    return "#" + "".join(f"{round(_to_gamma(min(max(channel, 0.0), 1.0)) * 255):02x}" for channel in rgb)


def with_contrast(colour: Lch, against: tuple[str, ...], ratio: float, step: float) -> str:
    """`colour`, made lighter (step > 0) or darker (step < 0) until it has `ratio` against every colour of `against`.

    Checked on the rounded bytes, so what is returned is what holds. Ends at white or black when nothing nearer does.
    """
    lightness = colour.lightness
    while 0.0 < lightness < 1.0:
        shade = to_hex(colour._replace(lightness=lightness))
        if all(contrast(shade, other) >= ratio for other in against):
            return shade
        lightness += step
    return "#ffffff" if step > 0 else "#000000"
