"""What number rules make of a number, and why: the same arithmetic as for calls, with rules that needn't be saved."""

from __future__ import annotations

from typing import NamedTuple

from calls.destinations import Destination
from portal.numbers.models import Location
from portal.numbers.models import Rule as RuleRow
from telecom.localization import Contender, Localized, Rule, RuleKind, RuleSet, Scope, contest, localize
from telecom.numbers import caller_id, dialled_problem, e164_problem
from tenants.models import Operator


class Tried(NamedTuple):
    """`problem` is why the call would be refused, empty if it would go on; `lost` are rules that fit and didn't win."""

    problem: str
    result: Localized | None = None
    lost: tuple[Contender, ...] = ()
    destination: Destination | None = None


def try_rules(operator: Operator, location: Location | None, rules: list[Rule], called: str, caller: str) -> Tried:
    """Send `called` through `rules` as if they were those of `location` (None: one that isn't saved yet)."""
    if problem := dialled_problem(called):
        return Tried(problem)
    layers = _layers(operator, location, rules)
    caller = caller_id(caller)
    result = localize(called, caller, layers)
    fired = {id(one.rule) for one in result.fired}
    # Destination rules see the number as dialled; caller id rules see the caller id as it came.
    lost = tuple(
        one for kind in (RuleKind.CALLER_ID, RuleKind.DESTINATION) for one in contest(kind, called, caller, layers)
        if id(one.rule) not in fired
    )  # fmt: skip
    destination = Destination.objects.of(result.called) if result.called.isdigit() else None
    return Tried(e164_problem(result.called), result, lost, destination)


def _layers(operator: Operator, location: Location | None, rules: list[Rule]) -> list[tuple[Scope, RuleSet]]:
    """A location's own rules, then the owner's Global; a reseller's devices go by their own location alone."""
    if location is not None and location.is_global:
        return [(Scope.GLOBAL, RuleSet(rules))]
    layers = [(Scope.LOCATION, RuleSet(rules))]
    if operator.is_owner:
        rows = RuleRow.objects.filter(location__is_global=True)
        layers.append((Scope.GLOBAL, RuleSet([row.as_rule() for row in rows])))
    return layers
