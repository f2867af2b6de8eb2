r"""M2 and M4's old format: `-cut+add` or plain `add`, several of them parted by `|`; the first that fits is applied.

    -00+370|-0|+    cut 00 and add 370, or cut 0, or add +

`\` takes the sign after it as it is. A part that is a lone `+` adds a plus. Source: rating-routing.md 16.1.
"""

from __future__ import annotations

from typing import NamedTuple

MAX_LENGTH = 255


class Part(NamedTuple):
    """`cut` None: the part always fits and only adds."""

    cut: str | None
    add: str


def parse(text: str) -> tuple[Part, ...]:
    """The parts of a rule. Raises ValueError with one sentence."""
    if len(text) > MAX_LENGTH:
        raise ValueError(f"A rule has at most {MAX_LENGTH} characters.")
    return tuple(_part(one) for one in _split(text, "|"))


def apply(parts: tuple[Part, ...], number: str) -> tuple[str, Part | None]:
    """The number after the first part that fits, and that part."""
    for part in parts:
        if part.cut is None:
            return part.add + number, part
        if number.startswith(part.cut):
            return part.add + number[len(part.cut) :], part
    return number, None


def _part(text: list[str]) -> Part:
    if not text or text[0] != "-":
        return Part(None, _plain(text))
    at = text.index("+", 1) if "+" in text[1:] else len(text)
    if at == 1:
        raise ValueError("After - there must be what to cut.")
    return Part(_plain(text[1:at]), _plain(text[at + 1 :]))


def _split(text: str, at: str) -> list[list[str]]:
    """Pieces between unescaped separators, as signs; an escaped one keeps its backslash."""
    pieces: list[list[str]] = [[]]
    signs = iter(text)
    for one in signs:
        if one == "\\":
            escaped = next(signs, None)
            if escaped is None:
                raise ValueError("After the \\ at the end there must be a sign.")
            pieces[-1].append("\\" + escaped)
        elif one == at:
            pieces.append([])
        else:
            pieces[-1].append(one)
    return pieces


def _plain(signs: list[str]) -> str:
    return "".join(one[-1] for one in signs)
