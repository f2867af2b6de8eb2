"""Ordering providers by how well they do: a formula that the operator writes, over what the last calls were like.

The formula may hold numbers, + - * /, brackets, min, max and the names of `NAMES`; it is compiled once, and whatever
else it holds is refused. Source: rating-routing.md 10.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

MAX_LENGTH = 255
MAX_NODES = 100
WARM_UP_CALLS = 10
EXPLORATION = 0.02

NAMES = ("ASR", "ACD", "PDD", "PRICE", "NER", "CALLS")
_FUNCTIONS: dict[str, Callable[..., float]] = {"min": min, "max": max}

Values = dict[str, float]
_Term = Callable[[Values], float]


class FormulaError(ValueError):
    """A formula that can't be used; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Quality:
    """What a provider's pooled rolling window holds. `effective` calls reached the other side: busy counts too (NER).

    Sums, not averages: pooled counts weigh every call the same, whatever segment it fell into.
    """

    attempts: int = 0
    answered: int = 0
    effective: int = 0
    talk_seconds: int = 0
    delay_seconds: float = 0.0
    delays: int = 0

    def values(self, price: float) -> Values:
        """ASR and NER in percent, ACD and PDD in seconds, the price a minute."""
        return {
            "ASR": _ratio(100 * self.answered, self.attempts),
            "ACD": _ratio(self.talk_seconds, self.answered),
            "PDD": _ratio(self.delay_seconds, self.delays),
            "NER": _ratio(100 * self.effective, self.attempts),
            "CALLS": float(self.attempts),
            "PRICE": price,
        }


def mean_of_segments(segments: Sequence[Quality]) -> float:
    """VOS3000's ASR: the mean of the percentages of the segments that saw calls (a compatibility switch)."""
    shares = [_ratio(100 * one.answered, one.attempts) for one in segments if one.attempts]
    return sum(shares) / len(shares) if shares else 0.0


def pooled(segments: Sequence[Quality]) -> Quality:
    """The segments of a window together."""
    return Quality(
        sum(one.attempts for one in segments),
        sum(one.answered for one in segments),
        sum(one.effective for one in segments),
        sum(one.talk_seconds for one in segments),
        sum(one.delay_seconds for one in segments),
        sum(one.delays for one in segments),
    )


class Formula:
    """A formula ready to compute; `Formula(text)` raises FormulaError with what to change."""

    __slots__ = ("_term", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        if len(text) > MAX_LENGTH:
            raise FormulaError(f"A formula has at most {MAX_LENGTH} characters.")
        if not text.strip():
            raise FormulaError("The formula is empty.")
        try:
            tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise FormulaError(f"The formula {text!r} can't be read: check its signs and brackets.") from None
        if sum(1 for _ in ast.walk(tree)) > MAX_NODES:
            raise FormulaError("The formula is too long.")
        self._term = _compile(tree)

    def __call__(self, values: Values) -> float:
        """Never raises: a division by zero is 0, and what is beyond all numbers is 0 too."""
        try:
            found = self._term(values)
        except OverflowError:
            return 0.0
        return found if -1e300 < found < 1e300 else 0.0


@lru_cache(maxsize=1024)
def formula(text: str) -> Formula:
    """A formula, compiled once. Raises FormulaError."""
    return Formula(text)


def formula_problem(text: str) -> str:
    """Why a formula can't be used; empty when it can."""
    try:
        Formula(text)
    except FormulaError as error:
        return str(error)
    return ""


def scores(
    rule: Formula, candidates: Sequence[tuple[Quality, float]], warm_up: int = WARM_UP_CALLS
) -> list[tuple[float, bool]]:
    """The score of each (window, price a minute), higher is better, and whether it is its own.

    A candidate with fewer calls than `warm_up` gets the average of the others, so that a new provider sees calls.
    """
    own = [rule(window.values(price)) for window, price in candidates]
    warm = [score for score, (window, _) in zip(own, candidates, strict=True) if window.attempts >= warm_up]
    neutral = sum(warm) / len(warm) if warm else 0.0
    return [
        (score, True) if window.attempts >= warm_up else (neutral, False)
        for score, (window, _) in zip(own, candidates, strict=True)
    ]


def explored(count: int, dice: Callable[[], float], exploration: float = EXPLORATION) -> int:
    """Which of `count` candidates in order goes first: mostly 0, now and then any, so that all are measured."""
    if count < 2 or dice() >= exploration:
        return 0
    return min(int(dice() * count), count - 1)


def _ratio(above: float, below: float) -> float:
    return above / below if below else 0.0


def _compile(node: ast.expr) -> _Term:
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise FormulaError(f"The formula may hold numbers, not {node.value!r}.")
        number = float(node.value)
        return lambda values: number
    if isinstance(node, ast.Name):
        return _name(node.id)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = _compile(node.operand)
        return inner if isinstance(node.op, ast.UAdd) else lambda values: -inner(values)
    if isinstance(node, ast.BinOp):
        return _binary(node)
    if isinstance(node, ast.Call):
        return _call(node)
    raise FormulaError(f"The formula may hold + - * /, brackets, min and max only, not {ast.unparse(node)!r}.")


def _name(name: str) -> _Term:
    key = name.upper()
    if key not in NAMES:
        raise FormulaError(f"The formula doesn't know the name {name!r}; it knows {', '.join(NAMES)}, min and max.")
    return lambda values: values[key]


def _binary(node: ast.BinOp) -> _Term:
    left, right = _compile(node.left), _compile(node.right)
    if isinstance(node.op, ast.Add):
        return lambda values: left(values) + right(values)
    if isinstance(node.op, ast.Sub):
        return lambda values: left(values) - right(values)
    if isinstance(node.op, ast.Mult):
        return lambda values: left(values) * right(values)
    if isinstance(node.op, ast.Div):
        return lambda values: _ratio(left(values), right(values))
    raise FormulaError(f"The formula may hold + - * /, brackets, min and max only, not {ast.unparse(node)!r}.")


def _call(node: ast.Call) -> _Term:
    name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
    choose = _FUNCTIONS.get(name.lower())
    if choose is None:
        raise FormulaError(f"The formula doesn't know the function {name!r}; it knows min and max.")
    if node.keywords or len(node.args) < 2:
        raise FormulaError(f"{name} needs two values or more, parted by commas.")
    if any(isinstance(one, ast.Starred) for one in node.args):
        raise FormulaError(f"{name} needs two values or more, parted by commas.")
    terms = [_compile(one) for one in node.args]
    return lambda values: choose(term(values) for term in terms)
