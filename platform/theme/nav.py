"""The portal's menu as data: who builds it (by role) knows the pages, the shell only draws it."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class NavItem:
    """One link. `icon` is a symbol of static/theme/icons.svg; up to four `on_phone` items stand in the bottom bar."""

    label: str
    url: str
    icon: str
    on_phone: bool = False
    count: int | None = None


@dataclass(frozen=True)
class NavGroup:
    """Links under one heading; the first group usually has none (`title=""`)."""

    items: tuple[NavItem, ...]
    title: str = ""


def current_url(groups: Iterable[NavGroup], path: str) -> str | None:
    """The url of the item that `path` lies under, the longest one if several; "/" counts only for itself."""
    urls = [item.url for group in groups for item in group.items]
    fitting = [url for url in urls if path == url or (url != "/" and path.startswith(url.rstrip("/") + "/"))]
    return max(fitting, key=len, default=None)
