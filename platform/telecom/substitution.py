r"""Numbers changed by `/expression/replacement/flags`, as `sed -E 's/.../.../'` does it.

POSIX extended, leftmost-longest; `\1` to `\9` and `&` in the replacement; flags `i` and `g`. A slash is written `\/`.
Source: rating-routing.md 16.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from telecom.linear import MAX_LENGTH, ExpressionError, compile_expression

_Piece = str | int


@dataclass(frozen=True, slots=True)
class Substitution:
    """Ready to apply. `pieces` of the replacement are text, or the number of a group."""

    expression: Any
    pieces: tuple[_Piece, ...]
    everywhere: bool

    def apply(self, number: str) -> tuple[str, bool]:
        """The number, and whether the expression fitted."""
        found: list[str] = []
        copied = at = 0
        last = -1
        fitted = False
        while at <= len(number) and (match := self.expression.search(number, at)) is not None:
            begin, end = match.span()
            if begin == end == last:  # sed takes no empty match right behind another one
                at = end + 1
                continue
            fitted = True
            found.append(number[copied:begin])
            found.extend(one if isinstance(one, str) else match.group(one) or "" for one in self.pieces)
            copied = last = end
            if not self.everywhere:
                break
            at = end if end > begin else end + 1
        found.append(number[copied:])
        return "".join(found), fitted


def parse(text: str) -> Substitution:
    """A rule that begins with a slash. Raises ExpressionError."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"A rule has at most {MAX_LENGTH} characters.")
    parts = _split(text)
    if len(parts) != 4 or parts[0]:
        raise ExpressionError("A rule with an expression is written /expression/replacement/ with flags i and g.")
    _, expression, replacement, flags = parts
    if set(flags) - set("ig") or len(set(flags)) != len(flags):
        raise ExpressionError(f"The flags may be i and g, not {flags!r}.")
    compiled = compile_expression(expression, "i" in flags)
    pieces = _pieces(replacement)
    most = max((one for one in pieces if isinstance(one, int)), default=0)
    if most > compiled.groups:
        raise ExpressionError(f"The replacement uses \\{most}, but the expression has {compiled.groups} groups.")
    return Substitution(compiled, pieces, "g" in flags)


def _split(text: str) -> list[str]:
    parts, signs = [""], iter(text)
    for one in signs:
        if one == "\\":
            escaped = next(signs, "")
            parts[-1] += escaped if escaped == "/" else "\\" + escaped
        elif one == "/":
            parts.append("")
        else:
            parts[-1] += one
    return parts


def _pieces(text: str) -> tuple[_Piece, ...]:
    pieces: list[_Piece] = []
    signs = iter(text)
    for one in signs:
        if one == "&":
            pieces.append(0)
        elif one == "\\":
            escaped = next(signs, "\\")
            pieces.append(int(escaped) if escaped in "123456789" else escaped)
        else:
            pieces.append(one)
    return tuple(pieces)
