"""The portal's templates: nothing inline (the content policy would drop it), every text translatable, nobody's name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted([*(ROOT / "portal").rglob("templates/**/*.*"), *(ROOT / "cms").rglob("templates/**/*.*")])
PAGES = [path for path in TEMPLATES if path.suffix == ".html"]
ICONS = set(re.findall(r'<symbol id="([a-z-]+)"', (ROOT / "platform/theme/static/theme/icons.svg").read_text()))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_nothing_inline_and_nothing_from_elsewhere(path: Path) -> None:
    source = path.read_text()
    assert not re.search(r"<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:|hx-on", source)
    assert not re.search(r"<script\b(?![^>]*src=)", source)
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", source)
    assert not re.search("tandem", source, re.IGNORECASE)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_text_can_be_translated(path: Path) -> None:
    marked = r"{% blocktranslate.*?{% endblocktranslate %}|{% comment %}.*?{% endcomment %}|{#.*?#}"
    source = re.sub(marked, "", path.read_text(), flags=re.S)
    visible = re.sub(r"{%.*?%}|{{.*?}}|<[^>]*>|&\w+;", " ", source, flags=re.S)
    # What is left of attributes whose value holds a > is no text.
    visible = re.sub(r"""[\w-]+="[^"]*"?""", "", visible)
    assert not re.findall(r"[A-Za-z]{2,}", visible)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_icon_is_drawn(path: Path) -> None:
    source = path.read_text()
    assert set(re.findall(r'{% icon "([^"]+)"', source)) | set(re.findall(r'\bicon="([^"]+)"', source)) <= ICONS


def test_python_texts_are_translated_before_they_are_filled_in() -> None:
    for path in (ROOT / "portal").rglob("*.py"):
        assert not re.search(r"""\b(?:gettext|_)\(\s*f["']|\b_\(\s*"[^"]*"\.format""", path.read_text()), path
