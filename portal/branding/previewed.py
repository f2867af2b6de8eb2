"""What a pair of colours would do to the pages, before it is saved. The arithmetic is theme.brand's."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import gettext as _

from theme.brand import DARK, LIGHT, PAPER, brand_css, shades
from theme.colour import contrast


class Figure(NamedTuple):
    """`ratio` is WCAG's contrast, 1 to 21, as text; `kept` whether the chosen colour itself can be used there."""

    what: str
    used: str
    ratio: str
    kept: bool


def figures(primary: str, accent: str) -> list[Figure]:
    """How readable the colours are where they are used. Raises ValueError with one sentence for a bad colour."""
    light, dark = shades(primary, LIGHT), shades(primary, DARK)
    found = [
        _figure(_("Buttons and their text"), primary, light["fill"], light["on-fill"]),
        _figure(_("Links on white"), primary, light["text"], PAPER),
        _figure(_("Links in the dark"), primary, dark["text"], DARK.surfaces[0]),
    ]
    if accent:
        found.append(_figure(_("Second colour on white"), accent, shades(accent, LIGHT)["text"], PAPER))
    return found


def _figure(what: str, chosen: str, used: str, beside: str) -> Figure:
    return Figure(what, used, f"{contrast(used, beside):.1f}", used.lower() == chosen.lower())


def sheet(primary: str, accent: str) -> str:
    """The colours for the elements of class brand-preview only. Raises ValueError."""
    own = brand_css(primary, accent or None).replace(":root {", ".brand-preview {", 1)
    return own + (
        ".brand-preview { background: var(--canvas); color: var(--text); padding: 1rem; border-radius: 0.5rem;"
        " border: 1px solid var(--line); }\n"
        ".brand-preview-light { color-scheme: light; }\n.brand-preview-dark { color-scheme: dark; }\n"
    )
