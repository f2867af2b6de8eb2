"""What is wrong with a set of number rules, said before it is saved: one sentence per fault."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from telecom.localization import (
    ALL,
    ANY_LENGTH,
    AS_RECEIVED,
    TO_HASH,
    CompiledRule,
    Rule,
    RuleKind,
    compile_rules,
)

_ADD = re.compile(r"[0-9+*#]*", re.ASCII)
_CUT = re.compile(r"[0-9+*#x]*", re.ASCII)


def rule_problems(rules: Sequence[Rule], *, outgoing: bool = False) -> list[str]:
    """The faults of the rules of one place. `outgoing` rules belong to a device or provider."""
    faults = [fault for rule in rules for fault in _own_faults(rule, outgoing)]
    return faults or _ties(rules, outgoing)


def called(rule: Rule) -> str:
    """How a sentence names a rule."""
    return f"Rule {rule.name!r}" if rule.name else f"The rule that cuts {rule.cut!r} and adds {rule.add!r}"


def _own_faults(rule: Rule, outgoing: bool) -> list[str]:
    found: list[str] = []
    name = called(rule)
    if not outgoing and rule.cut == AS_RECEIVED:
        found.append(f"{name}: a cut of - belongs to rules of a device or provider only.")
    elif not _CUT.fullmatch(rule.cut) and rule.cut != AS_RECEIVED:
        found.append(f"{name}: a cut may hold only digits, x and the signs +, * and #.")
    if not _ADD.fullmatch(rule.add) or not _ADD.fullmatch(rule.source_add):
        found.append(f"{name}: what is added may hold only digits and the signs +, * and #.")
    if rule.kind is RuleKind.CALLER_ID and "x" in rule.cut:
        found.append(f"{name}: x stands for a digit of called numbers only, not of a caller id.")
    if rule.kind is RuleKind.COMBINED and (set("*#") & set(rule.cut + rule.source_cut) or rule.cut == AS_RECEIVED):
        found.append(f"{name}: the signs * and # don't work in a Combined rule.")
    windows = [(rule.min_len, rule.max_len, rule.cut)]
    if rule.kind is RuleKind.COMBINED:
        windows.append((rule.source_min_len, rule.source_max_len, rule.source_cut))
    for least, most, cut in windows:
        if least < 0 or least > most or most > ANY_LENGTH:
            found.append(f"{name}: the lengths must run from 0 to {ANY_LENGTH}, the minimum first.")
        elif cut not in (TO_HASH, ALL, AS_RECEIVED) and most < len(cut):
            found.append(f"{name} can never fit: its cut is longer than the maximum length {most}.")
    if not found and _can_empty(rule):
        found.append(
            f"{name} can leave nothing of the number: give it a minimum length of at least {len(rule.cut) + 1}, "
            "or something to add."
        )
    return found


def _can_empty(rule: Rule) -> bool:
    """Whether a number may be cut whole. `*#` always could; there the call is refused when it happens."""
    if rule.kind is RuleKind.CALLER_ID or rule.cut in ("", TO_HASH, AS_RECEIVED) or rule.add:
        return False
    return rule.min_len <= len(rule.cut) <= rule.max_len


def _ties(rules: Sequence[Rule], outgoing: bool) -> list[str]:
    """Pairs that match a common number and that nothing but their position tells apart (rating-routing.md 3.2)."""
    found: list[str] = []
    told: set[tuple[int, int]] = set()
    groups: dict[object, list[CompiledRule]] = {}
    for one in compile_rules(rules, outgoing=outgoing):
        groups.setdefault((one.rule.kind, *one.key[:4]), []).append(one)
    for group in groups.values():
        for one, other in combinations(group, 2):
            pair = (id(one.rule), id(other.rule))
            if one.rule is not other.rule and pair not in told and _overlap(one, other):
                told.add(pair)
                found.append(
                    f"{called(one.rule)} and {called(other.rule)} tie: some numbers fit both equally well. "
                    "Change a cut or a length, or remove one."
                )
    return found


def _overlap(one: CompiledRule, other: CompiledRule) -> bool:
    if not one.main.meets(other.main):
        return False
    return one.source is None or other.source is None or one.source.meets(other.source)
