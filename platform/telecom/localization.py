"""Cut-and-add rules that turn what was dialled into E.164, and E.164 into what a provider wants.

One rule of each kind at most is applied, never a chain: CallerID first, then Combined (which sees the rewritten caller
id), then Destination unless a Combined rule fired. Which rule wins is settled beforehand, when a set is compiled, so
that the first match in order is the winner. Source: rating-routing.md section 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

ANY_LENGTH = 255
TO_HASH = "*#"
ALL = "*"
AS_RECEIVED = "-"


class RuleKind(StrEnum):
    CALLER_ID = "caller_id"
    COMBINED = "combined"
    DESTINATION = "destination"


class Scope(StrEnum):
    """Where a rule stands, nearest first; a nearer scope always wins."""

    DEVICE = "device"
    GROUP = "group"
    LOCATION = "location"
    GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class Effects:
    """What a rule changes besides the number. Ids are of the operator whose rule it is.

    The call may be given to another device of the operator (`owner_device_id`), or by its platform-wide identity to one
    of an operator below it (`owner_directory_id`).
    """

    tariff_id: int | None = None
    lcr_id: int | None = None
    did: str = ""
    cid_name: str = ""
    owner_device_id: int | None = None
    owner_directory_id: int | None = None

    def then(self, later: Effects) -> Effects:
        """Both, where the later ones count if they set something."""
        if later == NO_EFFECTS or self == NO_EFFECTS:
            return self if later == NO_EFFECTS else later
        return Effects(
            self.tariff_id if later.tariff_id is None else later.tariff_id,
            self.lcr_id if later.lcr_id is None else later.lcr_id,
            later.did or self.did,
            later.cid_name or self.cid_name,
            self.owner_device_id if later.owner_device_id is None else later.owner_device_id,
            self.owner_directory_id if later.owner_directory_id is None else later.owner_directory_id,
        )


NO_EFFECTS = Effects()


@dataclass(frozen=True, slots=True)
class Rule:
    """`cut` is literal text with `x` for any digit, or a special; `add` is put before what remains.

    The lengths are of the number before cutting, inclusive. A CallerID rule works on the caller id, the others on the
    called number; a Combined rule needs both sides (`source_*`) and may rewrite both; `source_prefixes` is a location
    group, of which one must fit.
    Specials: `*#` cuts through the first `#`; on a caller id `*` cuts all of it (with both lengths 0: an empty one);
    `-` in an outgoing rule sends the number as it was received. A Combined rule knows none of them. `x` stands for a
    digit in called numbers only.
    """

    id: int
    kind: RuleKind
    cut: str = ""
    add: str = ""
    min_len: int = 0
    max_len: int = ANY_LENGTH
    position: int = 0
    name: str = ""
    source_cut: str = ""
    source_add: str = ""
    source_min_len: int = 0
    source_max_len: int = ANY_LENGTH
    source_prefixes: tuple[str, ...] = ()
    effects: Effects = NO_EFFECTS
    enabled: bool = True


class Fired(NamedTuple):
    """A rule that was applied: where it stood, the numbers before and after, and why it won."""

    rule: Rule
    scope: Scope
    before: str
    after: str
    why: str


class Localized(NamedTuple):
    """The numbers after the rules, which rules fired (in order), and what else they set."""

    called: str
    caller: str
    fired: tuple[Fired, ...]
    effects: Effects


class Contender(NamedTuple):
    """A rule that matches, in winning order; `lost_by` says which criterion put it behind the winner."""

    rule: Rule
    scope: Scope
    lost_by: str


class Side:
    """One side of a rule, ready to match: `cut_of` says how many characters of a number it cuts, or -1."""

    __slots__ = ("_cut", "_pattern", "length", "literals", "max_len", "min_len", "rank", "special", "text", "wild")

    def __init__(self, text: str, cut: int, window: tuple[int, int], *, wild: bool, special: str = "") -> None:
        """`text` is what a number must begin with (`wild`: x stands for a digit), `cut` how much of that is cut."""
        self.text, self.special, self.wild = text, special, wild
        self.min_len, self.max_len = window
        self.length = len(text)
        self.literals = self.length - (text.count("x") if wild else 0)
        self.rank = 1 if special else 0 if text else 2
        self._cut = cut
        self._pattern = None
        if self.literals < self.length:
            self._pattern = re.compile("".join("[0-9]" if one == "x" else re.escape(one) for one in text))

    @property
    def first(self) -> str:
        """The character a matching number must begin with; empty when it may be any."""
        return "" if self.wild and self.text[:1] == "x" else self.text[:1]

    def cut_of(self, number: str) -> int:
        length = len(number)
        if not self.min_len <= length <= self.max_len:
            return -1
        if self.special:
            return (number.find("#") + 1 or -1) if self.special == TO_HASH else length
        if self._pattern is None:
            return self._cut if number.startswith(self.text) else -1
        return self._cut if self._pattern.match(number) else -1

    def meets(self, other: Side) -> bool:
        """Whether some number fits both sides."""
        if self.max_len < other.min_len or other.max_len < self.min_len:
            return False
        if self.special or other.special:
            return self.special == other.special
        return _merged(self.text, other.text) is not None


class CompiledRule:
    """A rule with its place in the order; a Combined rule has one per prefix of its location group."""

    __slots__ = ("key", "main", "rule", "source", "why")

    def __init__(self, rule: Rule, main: Side, source: Side | None = None) -> None:
        self.rule, self.main, self.source = rule, main, source
        sides = (main,) if source is None else (main, source)
        self.key = (
            tuple(-one.literals for one in sides),
            tuple(-one.length for one in sides),
            sum(one.max_len - one.min_len for one in sides),
            tuple(one.rank for one in sides),
            rule.position,
            rule.id,
        )
        self.why = _why(rule, main, source)

    def matches(self, number: str, caller: str) -> bool:
        return self.main.cut_of(number) >= 0 and (self.source is None or self.source.cut_of(caller) >= 0)


# What each place of a key compares, for the sentence that says why a rule lost (rating-routing.md 3.2).
_CRITERIA = (
    "fewer exact characters",
    "a shorter pattern",
    "a wider window of lengths",
    "a special or empty cut",
    "a later position",
    "a later id",
)


class RuleSet:
    """The enabled rules of one place (a location, a device, a provider), compiled in winning order."""

    __slots__ = ("_by_first",)

    def __init__(self, rules: Iterable[Rule], *, outgoing: bool = False) -> None:
        compiled = sorted(compile_rules(rules, outgoing=outgoing), key=lambda one: one.key)
        self._by_first: dict[RuleKind, dict[str, tuple[CompiledRule, ...]]] = {}
        for kind in RuleKind:
            of_kind = [one for one in compiled if one.rule.kind is kind]
            if of_kind:
                firsts = {"", *(one.main.first for one in of_kind)}
                self._by_first[kind] = {
                    first: tuple(one for one in of_kind if one.main.first in ("", first)) for first in firsts
                }

    def fitting(self, kind: RuleKind, number: str) -> tuple[CompiledRule, ...]:
        """The rules of a kind that may match a number, by its first character, in winning order."""
        by_first = self._by_first.get(kind)
        if by_first is None:
            return ()
        return by_first.get(number[:1]) or by_first[""]


Layers = Sequence[tuple[Scope, RuleSet]]


def localize(called: str, caller: str, layers: Layers, *, combined: bool = True) -> Localized:
    """Apply the rules of `layers` (nearest scope first) to a call's numbers.

    Without `combined` it is prelocalization, which knows neither Combined rules nor effects (rating-routing.md 2).
    """
    fired: list[Fired] = []
    effects = NO_EFFECTS
    for scope, found in _first(layers, RuleKind.CALLER_ID, caller, ""):
        after = found.rule.add + caller[found.main.cut_of(caller) :]
        fired.append(Fired(found.rule, scope, caller, after, found.why))
        effects, caller = effects.then(found.rule.effects), after
    hits = _first(layers, RuleKind.COMBINED, called, caller) if combined else ()
    for scope, found in hits or _first(layers, RuleKind.DESTINATION, called, caller):
        after = found.rule.add + called[found.main.cut_of(called) :]
        fired.append(Fired(found.rule, scope, called, after, found.why))
        effects, called = effects.then(found.rule.effects), after
        if found.source is not None:
            caller = found.rule.source_add + caller[found.source.cut_of(caller) :]
    return Localized(called, caller, tuple(fired), effects if combined else NO_EFFECTS)


def rewrite(rules: RuleSet, kind: RuleKind, number: str, received: str) -> tuple[str, Rule | None]:
    """A number as an outgoing rule set wants it sent, and the rule that fired.

    `received` is the number before localization, for the special `-`. Billing keeps the localized number.
    """
    for one in rules.fitting(kind, number):
        length = one.main.cut_of(number)
        if length >= 0:
            if one.main.special == AS_RECEIVED:
                return one.rule.add + received, one.rule
            return one.rule.add + number[length:], one.rule
    return number, None


def contest(kind: RuleKind, called: str, caller: str, layers: Layers) -> list[Contender]:
    """Every rule of a kind that matches, the winner first, each other one with what it lost by."""
    number = caller if kind is RuleKind.CALLER_ID else called
    found: list[Contender] = []
    winner: tuple[Scope, CompiledRule] | None = None
    for scope, rules in layers:
        for one in rules.fitting(kind, number):
            if not one.matches(number, caller) or any(one.rule is known.rule for known in found):
                continue
            if winner is None:
                winner = (scope, one)
                found.append(Contender(one.rule, scope, ""))
            elif scope is not winner[0]:
                found.append(Contender(one.rule, scope, f"it stands in the {scope}, which is farther away"))
            else:
                found.append(Contender(one.rule, scope, _lost_by(winner[1], one)))
    return found


def _first(layers: Layers, kind: RuleKind, number: str, caller: str) -> tuple[tuple[Scope, CompiledRule], ...]:
    for scope, rules in layers:
        for one in rules.fitting(kind, number):
            if one.matches(number, caller):
                return ((scope, one),)
    return ()


def _lost_by(winner: CompiledRule, loser: CompiledRule) -> str:
    pairs = zip(winner.key, loser.key, _CRITERIA, strict=True)
    return next((criterion for ours, theirs, criterion in pairs if ours != theirs), "nothing")


def compile_rules(rules: Iterable[Rule], *, outgoing: bool = False) -> list[CompiledRule]:
    """The enabled rules ready to match, in no order. A source that contradicts its group's prefix is left out."""
    found: list[CompiledRule] = []
    for rule in rules:
        if not rule.enabled:
            continue
        window = (rule.min_len, rule.max_len)
        if rule.kind is not RuleKind.COMBINED:
            wild = rule.kind is RuleKind.DESTINATION
            specials = (TO_HASH,) if wild else (TO_HASH, ALL)
            if outgoing:
                specials = (*specials, AS_RECEIVED)
            special = rule.cut if rule.cut in specials else ""
            text = "" if special else rule.cut
            found.append(CompiledRule(rule, Side(text, len(text), window, wild=wild, special=special)))
            continue
        main = Side(rule.cut, len(rule.cut), window, wild=True)
        for prefix in rule.source_prefixes or ("",):
            text_or_none = _merged(rule.source_cut, prefix)
            if text_or_none is not None:
                source_window = (rule.source_min_len, rule.source_max_len)
                source = Side(text_or_none, len(rule.source_cut), source_window, wild=True)
                found.append(CompiledRule(rule, main, source))
    return found


def _merged(one: str, other: str) -> str | None:
    """The beginning that fits both patterns; None when nothing does."""
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    text = ""
    for ours, theirs in zip(longer, shorter, strict=False):
        if ours == theirs or (theirs == "x" and ours.isdigit()):
            text += ours
        elif ours == "x" and theirs.isdigit():
            text += theirs
        else:
            return None
    return text + longer[len(shorter) :]


def _why(rule: Rule, main: Side, source: Side | None) -> str:
    if main.special:
        return f"its special cut {rule.cut} fits, and no rule with exact characters does"
    if source is not None:
        return f"it fits both numbers, with {main.literals} and {source.literals} exact characters, the most of all"
    if not main.text:
        return "it takes any number of its length, and no rule that is more exact fits"
    return f"its cut {rule.cut} fits with {main.literals} exact characters, the most of all that fit"
