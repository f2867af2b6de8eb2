"""Regular expressions that can't be made to hang: POSIX extended, leftmost-longest, on RE2 (linear time).

The only module that knows the engine. Without it, whatever needs an expression says so in one sentence and matches
nothing; Python's own `re` would take exponential time on an expression that an operator wrote.
Source: rating-routing.md 16.2.
"""

from __future__ import annotations

import importlib
from functools import lru_cache
from typing import Any

MAX_LENGTH = 255
_MAX_MEMORY = 1 << 20

try:
    _re2: Any = importlib.import_module("re2")
except ImportError:
    _re2 = None


class ExpressionError(ValueError):
    """An expression that can't be used; the text is one sentence."""


def available() -> bool:
    """Whether the engine is installed."""
    return _re2 is not None


@lru_cache(maxsize=4096)
def compile_expression(text: str, ignore_case: bool = False) -> Any:
    """A compiled expression with RE2's `search`. Raises ExpressionError."""
    if _re2 is None:
        raise ExpressionError("Regular expressions need the library google-re2, which is not installed.")
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"An expression has at most {MAX_LENGTH} characters.")
    options = _re2.Options()
    options.posix_syntax = options.longest_match = options.one_line = options.perl_classes = True
    options.case_sensitive = not ignore_case
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    try:
        return _re2.compile(text, options=options)
    except _re2.error as error:
        why = error.args[0] if error.args else ""
        why = why.decode(errors="replace") if isinstance(why, bytes) else str(why)
        raise ExpressionError(f"The expression {text!r} doesn't compile: {why}.") from None
