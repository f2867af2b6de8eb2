"""Legal texts as operators write them: plain paragraphs, or a few tags. Everything else is taken out by nh3."""

from __future__ import annotations

import re

import nh3
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe

TAGS = {"p", "br", "h2", "h3", "ul", "ol", "li", "strong", "b", "em", "i", "a", "hr", "blockquote"}
TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)\b", re.IGNORECASE)


def cleaned(text: str) -> str:
    """`text` as it is kept: only TAGS, links only to http, https and mailto, no attribute but a link's address."""
    return nh3.clean(
        text, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow", strip_comments=True,
    )  # fmt: skip


def as_html(text: str) -> SafeString:
    """The kept text for a page. Cleaned once more: what is shown never rests on what was stored."""
    safe = cleaned(text)
    if not any(name.lower() in TAGS - {"a", "b", "i", "em", "strong", "br"} for _close, name in TAG.findall(safe)):
        safe = linebreaks(safe)
    return mark_safe(safe)  # noqa: S308 (nh3 wrote it)
