"""An operator's colours: one or two hex values in, a stylesheet out in which every text can be read (WCAG AA)."""

from dataclasses import dataclass

from theme.colour import Lch, contrast, parse_hex, to_hex, to_lch, with_contrast

INK = "#14171c"
PAPER = "#ffffff"


@dataclass(frozen=True)
class Scheme:
    """A colour scheme's surfaces, the same values as in static/theme/css/tokens.css (a test compares them)."""

    surfaces: tuple[str, ...]
    is_dark: bool


LIGHT = Scheme(surfaces=("#ffffff", "#f6f7f9", "#eef0f3"), is_dark=False)
DARK = Scheme(surfaces=("#16191e", "#0e1013", "#1e2228"), is_dark=True)


def shades(colour: str, scheme: Scheme) -> dict[str, str]:
    """The shades of one brand colour in one scheme, each `#rrggbb`.

    `fill`, `fill-hover` and `on-fill`: a solid button and its text (4.5:1 both). `text`: the colour as text or link on
    every surface (4.5:1). `edge`: focus rings, borders, marks on every surface (3:1). `soft` and `on-soft`: a tint and
    its text (6:1). Raises ValueError with one sentence for anything but `#rrggbb`.
    """
    parse_hex(colour)
    base = to_lch(colour)
    # A mark on a near-black page needs some light of its own; a mark on white is kept as the operator chose it.
    start = base._replace(lightness=max(base.lightness, 0.45)) if scheme.is_dark else base
    towards_text = 0.01 if scheme.is_dark else -0.01
    fill, on_fill, hover = _fill(start)
    tint = min(base.chroma, 0.05 if scheme.is_dark else 0.03)
    soft = to_hex(Lch(0.28 if scheme.is_dark else 0.955, tint, base.hue))
    return {
        "fill": fill,
        "fill-hover": hover,
        "on-fill": on_fill,
        "text": with_contrast(start, (*scheme.surfaces, soft), 4.5, towards_text),
        "edge": with_contrast(start, scheme.surfaces, 3.0, towards_text),
        "soft": soft,
        "on-soft": with_contrast(start, (soft,), 6.0, towards_text),
    }


def _fill(start: Lch) -> tuple[str, str, str]:
    # White reads as the brand's own on blues and reds although black has more contrast there, so a colour
    # that is nearly dark enough for white is darkened a little; only plainly light colours get dark text.
    if contrast(to_hex(start), PAPER) >= 3.0:
        fill = with_contrast(start, (PAPER,), 4.5, -0.005)
        darker = to_lch(fill)._replace(lightness=to_lch(fill).lightness - 0.06)
        hover = with_contrast(darker, (PAPER,), 4.5, -0.005)
        return fill, PAPER, "#2b2f36" if hover == fill else hover
    fill = with_contrast(start, (INK,), 4.5, 0.005)
    lighter = to_lch(fill)._replace(lightness=to_lch(fill).lightness - 0.05)
    return fill, INK, with_contrast(lighter, (INK,), 4.5, 0.005)


def brand_css(primary: str, accent: str | None = None) -> str:
    """The stylesheet of an operator's colours (`/brand.css`), custom properties only.

    `primary` and `accent` are `#rrggbb`; without an accent the primary stands in. Raises ValueError with one sentence
    for anything else, so nothing a person typed reaches the stylesheet unread.
    """
    lines = [":root {"]
    for name, colour in (("brand", primary), ("accent", accent if accent is not None else primary)):
        light, dark = shades(colour, LIGHT), shades(colour, DARK)
        lines += [f"  --{name}-{shade}: light-dark({light[shade]}, {dark[shade]});" for shade in light]
    return "\n".join([*lines, "}", ""])
