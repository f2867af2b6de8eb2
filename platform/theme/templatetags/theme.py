"""`{% load theme %}`: every component by name. docs/theme.md is the cheat sheet."""

from typing import Any

from django import forms, template
from django.core.paginator import Page
from django.template import Context
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from theme import amounts, markup, moments, spark
from theme.nav import NavItem, current_url

register = template.Library()

register.simple_tag(amounts.money, name="money")
register.simple_tag(amounts.rate, name="rate")
register.simple_tag(moments.duration, name="duration")
register.simple_tag(moments.minutes, name="minutes")
register.simple_tag(moments.moment, name="datetime")
register.simple_tag(markup.icon, name="icon")


@register.simple_tag
def elapsed(since: Any) -> SafeString:
    return moments.elapsed(since, timezone.now())


@register.simple_tag
def zone() -> str:
    """The name of the viewer's time zone, to stand once near a list of times."""
    return timezone.get_current_timezone_name()


@register.simple_tag
def button(label: str, *, icon: str = "", **kwargs: Any) -> SafeString:
    known = ("variant", "href", "type", "dialog", "small", "wide", "icon_only", "icon_end", "disabled")
    own = {name: kwargs.pop(name) for name in known if name in kwargs}
    return markup.button(label, icon_name=icon, extra=kwargs, **own)


@register.simple_tag
def badge(text: str, tone: str = "neutral", icon: str = "") -> SafeString:
    return markup.badge(text, tone, icon)


@register.simple_tag
def phone_number(number: str) -> SafeString:
    """A number that keeps its plus in front, also in right-to-left pages."""
    return format_html('<bdi class="nowrap" dir="ltr">{}</bdi>', number) if number else amounts.NOTHING


@register.simple_tag
def live(key: str, value: Any = "") -> SafeString:
    """A figure that live.js replaces when the websocket sends a new text for `key`."""
    return format_html('<span data-live="{}">{}</span>', key, value)


@register.inclusion_tag("theme/parts/field.html")
def field(
    bound: forms.BoundField, hint: str = "", prefix: str = "", suffix: str = "", switch: bool = False, **attrs: Any
) -> dict[str, Any]:
    """A label, hint, errors and control that know each other. `attrs` go to the control (hx_get, autocomplete, ...)."""
    widget = bound.field.widget
    kind = "control"
    if bound.is_hidden:
        kind = "hidden"
    elif isinstance(widget, forms.CheckboxSelectMultiple | forms.RadioSelect):
        kind = "choices"
    elif isinstance(widget, forms.CheckboxInput):
        kind = "tick"
    elif widget.use_fieldset and not isinstance(widget, forms.ClearableFileInput):
        kind = "group"
    help_text = hint or bound.help_text
    ids = [f"{bound.auto_id}_helptext"] if help_text else []
    ids += [f"{bound.auto_id}_error"] if bound.errors else []
    described = " ".join(ids)
    own: dict[str, Any] = {name.rstrip("_").replace("_", "-"): value for name, value in attrs.items()}
    if kind in ("control", "group"):
        own["class"] = " ".join(filter(None, [widget.attrs.get("class"), "input"]))
    elif kind == "tick" and switch:
        own |= {"class": "switch", "role": "switch"}
    if described and kind in ("control", "tick"):
        own["aria-describedby"] = described
    return {
        "bound": bound, "kind": kind, "control": bound.as_widget(attrs=own), "help_text": help_text,
        "described": described, "prefix": prefix, "suffix": suffix, "reveal": isinstance(widget, forms.PasswordInput),
        "is_optional": not bound.field.required and kind != "tick",
    }  # fmt: skip


@register.inclusion_tag("theme/parts/form_fields.html")
def form_fields(form: Any) -> dict[str, Any]:
    """The error summary and every field of a form; the <form> element, csrf token and buttons stay the page's."""
    return {"form": form}


@register.inclusion_tag("theme/parts/form_errors.html")
def form_errors(form: Any) -> dict[str, Any]:
    """Errors of the form as a whole, and links to the fields that have some."""
    return {"form": form, "wrong": [bound for bound in form.visible_fields() if bound.errors] if form.is_bound else []}


@register.inclusion_tag("theme/parts/filter_bar.html", takes_context=True)
def filter_bar(context: Context, form: Any, target: str = "") -> dict[str, Any]:
    """A GET form over a list. With `target` (an id like #calls) htmx replaces only that element and sets the URL."""
    path = context["request"].path
    active = sum(1 for bound in form.visible_fields() if bound.value() not in (None, "", [], False))
    return {"form": form, "target": target, "path": path, "active": active}


@register.simple_tag(takes_context=True)
def sort_header(context: Context, label: str, key: str, numeric: bool = False, default: str = "") -> SafeString:
    """A <th> whose link sorts by `key` (`?sort=key`, `?sort=-key`); `default` is the order when none is asked."""
    query = context["request"].GET.copy()
    now = query.get("sort", default)
    query.pop("page", None)
    query["sort"] = f"-{key}" if now == key else key
    order = {key: "ascending", f"-{key}": "descending"}.get(now, "")
    mark = markup.icon({"ascending": "arrow-up", "descending": "arrow-down"}.get(order, "sort"))
    return format_html(
        '<th scope="col"{}{}><a class="sort" href="?{}">{}{}</a></th>',
        mark_safe(' class="num"') if numeric else "", markup.attributes({"aria-sort": order or None}),
        query.urlencode(), label, mark,
    )  # fmt: skip


@register.inclusion_tag("theme/parts/pagination.html", takes_context=True)
def pagination(context: Context, page: Page[Any]) -> dict[str, Any]:
    """Numbered pages (`?page=3`) that keep the other parameters. For long lists use `older_newer`."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    kept = query.urlencode()
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    shown = {
        name: number_format(value, force_grouping=True)
        for name, value in (("first", page.start_index()), ("last", page.end_index()), ("total", page.paginator.count))
    }
    gap = page.paginator.ELLIPSIS
    return {"page": page, "numbers": list(numbers), "gap": gap, "kept": f"{kept}&" if kept else "", **shown}


@register.inclusion_tag("theme/parts/older_newer.html")
def older_newer(newer: str = "", older: str = "", note: str = "") -> dict[str, Any]:
    """Links of a list read by key, where counting millions of rows would cost more than the page."""
    return {"newer": newer, "older": older, "note": note}


@register.inclusion_tag("theme/parts/empty_state.html")
def empty_state(
    title: str, text: str = "", icon: str = "list", action: str = "", href: str = "", dialog: str = ""
) -> dict[str, Any]:
    """Nothing here yet: what will stand here, and the one thing to do next."""
    return {"title": title, "text": text, "icon": icon, "action": action, "href": href, "dialog": dialog}


@register.inclusion_tag("theme/parts/stat.html")
def stat(
    label: str, value: Any, hint: Any = "", icon: str = "", href: str = "", live: str = "",
    trend: str = "", is_good: bool = True, series: Any = None,
) -> dict[str, Any]:  # fmt: skip
    """A figure with its name. `trend` is a text such as +12 %; `is_good` says whether that is welcome."""
    return {
        "label": label, "value": value, "hint": hint, "icon": icon, "href": href, "live": live, "trend": trend,
        "is_good": is_good, "falls": str(trend).startswith(("-", "\u2212")), "points": spark.points(series or ()),
    }  # fmt: skip


@register.inclusion_tag("theme/parts/secret.html")
def secret(value: str, label: str, name: str) -> dict[str, Any]:
    """A secret shown once, to be copied now. `name` is unique on the page."""
    return {"value": value, "label": label, "name": name}


@register.inclusion_tag("theme/parts/copyable.html")
def copyable(value: str, label: str, name: str) -> dict[str, Any]:
    """A value with a copy button. `name` is unique on the page."""
    return {"value": value, "label": label, "name": name}


@register.inclusion_tag("theme/parts/progress.html")
def progress(
    label: str, value: int | None = None, maximum: int = 100, text: str = "", tone: str = ""
) -> dict[str, Any]:
    """A bar; without a value it only says that work goes on."""
    return {"label": label, "value": value, "maximum": maximum, "text": text, "tone": tone}


@register.inclusion_tag("theme/parts/upload_errors.html")
def upload_errors(errors: Any, file_name: str = "", total: int | None = None) -> dict[str, Any]:
    """The lines of a file that were refused. Each error has line and message, and may have column and value."""
    errors = list(errors)
    return {"errors": errors, "file_name": file_name, "total": len(errors) if total is None else total}


@register.inclusion_tag("theme/parts/tabs.html", takes_context=True)
def tabs(context: Context, items: Any, label: str = "") -> dict[str, Any]:
    """Links between sibling pages: NavItems, the one under the current path is marked."""
    path = context["request"].path
    fitting = [item.url for item in items if path == item.url]
    return {"items": items, "label": label or _("Sections"), "current": fitting[0] if fitting else None}


@register.simple_tag
def crumb(label: str, href: str = "") -> SafeString:
    """One step of the breadcrumb; the last one has no href."""
    if href:
        return format_html('<li><a href="{}">{}</a></li>', href, label)
    return format_html('<li><span aria-current="page">{}</span></li>', label)


@register.inclusion_tag("theme/parts/nav.html", takes_context=True)
def sidebar(context: Context) -> dict[str, Any]:
    groups = context.get("nav") or ()
    return {"nav": groups, "current": current_url(groups, context["request"].path)}


@register.inclusion_tag("theme/parts/bottom_bar.html", takes_context=True)
def bottom_bar(context: Context) -> dict[str, Any]:
    groups = context.get("nav") or ()
    items: list[NavItem] = [item for group in groups for item in group.items if item.on_phone][:4]
    return {"items": items, "current": current_url(groups, context["request"].path)}


@register.simple_block_tag
def card(content: str, title: str = "", actions: str = "", flush: bool = False) -> SafeString:
    """A framed part of the page; `flush` leaves out the padding; `actions` is ready html beside the title."""
    head = format_html('<div class="card-head"><h2>{}</h2>{}</div>', title, actions) if title else ""
    body = content if flush else format_html('<div class="card-body">{}</div>', content)
    return format_html('<section class="card">{}{}</section>', head, body)


@register.simple_block_tag
def notice(content: str, tone: str = "info", title: str = "", alert: bool = False) -> SafeString:
    """A lasting remark; `alert` has screen readers read it out at once."""
    markup.one_of(tone, ("info", "success", "warning", "danger"), "A notice's tone")
    head = format_html('<p class="notice-title">{}</p>', title) if title else ""
    return format_html(
        '<div class="notice tone-{}"{}>{}<div class="notice-body">{}<div>{}</div></div></div>',
        tone, mark_safe(' role="alert"') if alert else "", markup.icon(tone), head, content,
    )  # fmt: skip


@register.simple_block_tag
def dialog(content: str, name: str, title: str, open_now: bool = False) -> SafeString:
    """A modal dialog with the id `name`, opened by `{% button dialog=name %}`; `open_now` opens it with the page."""
    closer = markup.button(
        _("Close"), icon_name="close", icon_only=True, variant="quiet", type="button", extra={"data-dialog-close": True}
    )
    return format_html(
        '<dialog class="dialog" id="{0}" aria-labelledby="{0}-title" data-light-dismiss{1}>'
        '<div class="dialog-head"><h2 id="{0}-title">{2}</h2>{3}</div><div class="dialog-body">{4}</div></dialog>',
        name, mark_safe(" data-open-now") if open_now else "", title, closer, content,
    )  # fmt: skip


@register.inclusion_tag("theme/parts/confirm.html", takes_context=True)
def confirm(
    context: Context, name: str, title: str, text: str, action: str, submit: str, is_danger: bool = True
) -> dict[str, Any]:
    """A dialog that asks before a POST to `action`; `submit` names the deed ("Delete device"), never "OK"."""
    return {
        "name": name, "title": title, "text": text, "action": action, "submit": submit,
        "variant": "danger" if is_danger else "primary", "csrf_token": context.get("csrf_token"),
    }  # fmt: skip


@register.simple_block_tag
def list_frame(content: str, label: str, name: str = "") -> SafeString:
    """The frame of a <table class="table table-cards">: scrolls sideways if it must, becomes cards when narrow."""
    return format_html(
        '<div class="list"{}><div class="list-scroll" role="region" aria-label="{}" tabindex="0">{}</div></div>',
        markup.attributes({"id": name or None}), label, content,
    )  # fmt: skip


@register.simple_block_tag
def action_menu(content: str, label: str, icon: str = "more") -> SafeString:
    """A menu of links and buttons (class menu-item) behind one button. Not inside a list: it would be cut off there."""
    return format_html(
        '<details class="menu"><summary class="button button-icon" aria-label="{0}" title="{0}">{1}</summary>'
        '<div class="menu-panel">{2}</div></details>',
        label, markup.icon(icon), content,
    )  # fmt: skip
