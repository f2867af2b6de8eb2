"""HTML that several components share: attributes from keyword arguments, icons, buttons."""

from typing import Any

from django.template import TemplateSyntaxError
from django.templatetags.static import static
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

VARIANTS = ("secondary", "primary", "danger", "quiet", "quiet-danger")
TONES = ("neutral", "success", "warning", "danger", "info", "brand")
DIRECTIONAL = frozenset({"chevron-left", "chevron-right", "arrow-left", "arrow-right", "sign-out", "list"})


def attributes(given: dict[str, Any]) -> SafeString:
    """` hx-get="/x" disabled`: underscores become hyphens, True stands bare, None and False are left out.

    Refuses style and on... because the content security policy would ignore them anyway.
    """
    pairs = []
    for key, value in given.items():
        name = key.rstrip("_").replace("_", "-")
        if name == "style" or name.startswith("on"):
            raise TemplateSyntaxError("Inline styles and handlers are not allowed: use a class or a data attribute.")
        if value is None or value is False:
            continue
        pairs.append(format_html(" {}", name) if value is True else format_html(' {}="{}"', name, value))
    return mark_safe("".join(pairs))  # noqa: S308 - every part was escaped by format_html


def one_of(value: str, allowed: tuple[str, ...], what: str) -> str:
    """`value` if it is allowed, else a TemplateSyntaxError that names the choices: a typo must not become a class."""
    if value not in allowed:
        raise TemplateSyntaxError(f"{what} is one of {', '.join(allowed)}, not {value!r}.")
    return value


def icon(name: str, large: bool = False) -> SafeString:
    """An icon of static/theme/icons.svg, hidden from screen readers: the text beside it says what it means."""
    classes = "icon" + (" icon-lg" if large else "") + (" icon-flips" if name in DIRECTIONAL else "")
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        classes, static("theme/icons.svg"), name,
    )  # fmt: skip


def button(
    label: str,
    *,
    variant: str = "secondary",
    icon_name: str = "",
    href: str = "",
    type: str = "submit",  # noqa: A002 - the attribute's name in HTML
    dialog: str = "",
    small: bool = False,
    wide: bool = False,
    icon_only: bool = False,
    icon_end: bool = False,
    disabled: bool = False,
    extra: dict[str, Any],
) -> SafeString:
    """A button, or a link that looks like one when `href` is given; `dialog` opens the dialog of that id."""
    one_of(variant, VARIANTS, "A button's variant")
    sizes = [("button-small", small), ("button-wide", wide), ("button-icon", icon_only)]
    classes = " ".join(["button", f"button-{variant}", *(name for name, is_on in sizes if is_on)])
    mark = icon(icon_name) if icon_name else ""
    text = format_html('<span class="sr-only">{}</span>', label) if icon_only else conditional_escape(label)
    if icon_only:
        extra = {"title": label, **extra}
    content = format_html("{}{}", *((text, mark) if icon_end else (mark, text)))
    if href and not disabled:
        return format_html('<a class="{}" href="{}"{}>{}</a>', classes, href, attributes(extra), content)
    own = {"type": "button" if dialog else type, "disabled": disabled, "data-dialog-open": dialog or None}
    if dialog:
        own["aria-haspopup"] = "dialog"
    return format_html('<button class="{}"{}>{}</button>', classes, attributes({**own, **extra}), content)


def badge(text: str, tone: str = "neutral", icon_name: str = "") -> SafeString:
    """A small state word; the word carries the meaning and the tone only helps."""
    one_of(tone, TONES, "A badge's tone")
    mark = icon(icon_name) if icon_name else ""
    return format_html('<span class="badge tone-{}">{}{}</span>', tone, mark, text)
