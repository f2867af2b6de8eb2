"""Copies of the number rules of the operator above. A plain copy: later changes there don't follow by themselves.

What names something of the operator above (a tariff, an LCR, a number, a device) is emptied, and the copy says so.
Source: resellers.md section 7.
"""

from __future__ import annotations

from typing import NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.numbers.models import Location, Rule
from portal.routing.rule_rows import MAX_RULES
from telecom.rulecheck import rule_problems
from tenants.below import may_copy_rules
from tenants.context import current_operator, in_operator
from tenants.lookup import operator_by_id
from tenants.models import Operator

FIRST = "Global"
OWN_FIRST = "Default"
# What a copy takes over; everything else of a rule is its operator's own.
COPIED = (
    "kind", "name", "cut", "add", "min_length", "max_length", "source_cut", "source_add", "source_min_length",
    "source_max_length", "caller_name", "enabled",
)  # fmt: skip
EMPTIED = {"tariff": "tariff_id", "lcr": "lcr_id", "did": "did", "owner": "owner_device_id"}


class CopiesForbidden(PermissionError):
    """The operator above doesn't let its rules be copied."""


class CannotCopy(ValueError):
    """These copies would not work beside the rules that are there; the text says why."""


class Copied(NamedTuple):
    """`emptied` are the names of the effects that were left out, by the copy's name."""

    rules: int
    emptied: dict[str, list[str]]


class Difference(NamedTuple):
    """One rule that isn't as above: `source` is the rule there (None: gone), `copy` ours (None: not copied yet)."""

    source: Rule | None
    copy: Rule | None
    fields: tuple[str, ...] = ()


def make_standard_location(operator: Operator) -> Location:
    """The location that every operator has. Only the owner's counts for all its devices."""
    wanted = {"is_global": True} if operator.is_owner else {"is_default": True}
    return Location.objects.get_or_create(**wanted, defaults={"name": FIRST if operator.is_owner else OWN_FIRST})[0]


def copy_rules(*, replace: bool) -> Copied:
    """Into the operator's own first location: all rules anew (`replace`), or those that it has no copy of.

    Raises CopiesForbidden, and CannotCopy when a copy and a rule of its own would tie.
    """
    operator = current_operator()
    sources = rules_above(operator)
    place = make_standard_location(operator)
    with transaction.atomic():
        # Two presses of the button at once copy one after the other.
        Location.objects.select_for_update().get(pk=place.pk)
        if replace:
            place.rules.all().delete()
        known = set(place.rules.values_list("copied_from", flat=True))
        last = max(place.rules.values_list("position", flat=True), default=-1)
        made = [
            _copy(one, Rule(location=place, position=last + 1 + number))
            for number, one in enumerate(one for one in sources if one.pk not in known)
        ]
        Rule.objects.bulk_create(made)
        _refuse_bad(place)
    return Copied(len(made), {str(one): one.emptied for one in made if one.emptied})


def pull_rule(source_id: int) -> Rule:
    """Make one copy as its source is now, or make it. Raises CopiesForbidden, LookupError, CannotCopy."""
    operator = current_operator()
    source = next((one for one in rules_above(operator) if one.pk == source_id), None)
    if source is None:
        raise LookupError(source_id)
    place = make_standard_location(operator)
    with transaction.atomic():
        Location.objects.select_for_update().get(pk=place.pk)
        copy = place.rules.filter(copied_from=source_id).first() or Rule(location=place, position=source.position)
        _copy(source, copy).save()
        _refuse_bad(place)
    return copy


def differences() -> list[Difference]:
    """Which copies are no longer what stands above, and which rules there have no copy.

    Nothing when copying is forbidden.
    """
    operator = current_operator()
    if operator.parent_id is None or not may_copy_rules(operator):
        return []
    above = {one.pk: one for one in rules_above(operator)}
    copies = {one.copied_from: one for one in Rule.objects.filter(copied_from__isnull=False, location__is_default=True)}
    found = []
    for pk, source in above.items():
        copy = copies.get(pk)
        fields = tuple(name for name in COPIED if copy is not None and getattr(copy, name) != getattr(source, name))
        if copy is None or fields:
            found.append(Difference(source, copy, fields))
    return found + [Difference(None, copy) for pk, copy in copies.items() if pk not in above]


def rules_above(operator: Operator) -> list[Rule]:
    """The rules that may be copied. Raises CopiesForbidden."""
    if operator.parent_id is None or not may_copy_rules(operator):
        raise CopiesForbidden(_("The number rules of the operator above can't be copied."))
    parent = operator_by_id(operator.parent_id)
    assert parent is not None
    with in_operator(parent):
        place = Location.objects.standard()
        return [] if place is None else list(place.rules.all()[:MAX_RULES])


def _copy(source: Rule, copy: Rule) -> Rule:
    for name in COPIED:
        setattr(copy, name, getattr(source, name))
    copy.copied_from, copy.copied_at = source.pk, timezone.now()
    copy.emptied = [effect for effect, column in EMPTIED.items() if getattr(source, column)]
    return copy


def _refuse_bad(place: Location) -> None:
    rules = [one.as_rule() for one in place.rules.all()]
    if len(rules) > MAX_RULES:
        raise CannotCopy(_("A location holds at most %(most)s rules.") % {"most": MAX_RULES})
    if problems := rule_problems(rules):
        raise CannotCopy(problems[0])
