"""Stripe's form bodies: a[b][0][c]=d."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

PART = re.compile(r"\[([^\]]*)\]")


def parse(body: str) -> dict[str, Any]:
    """Nested tables; a table whose keys count up is a list. Values stay text."""
    root: dict[str, Any] = {}
    for name, value in parse_qsl(body, keep_blank_values=True):
        head = name.split("[", 1)[0]
        path = [head, *PART.findall(name[len(head) :])]
        here = root
        for step in path[:-1]:
            here = here.setdefault(step, {})
        last = path[-1] or str(len(here))
        here[last] = value
    made = _lists(root)
    assert isinstance(made, dict)
    return made


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _lists(one) for key, one in value.items()}


def flag(value: Any, default: bool = False) -> bool:
    return default if value in (None, "") else str(value).lower() == "true"
