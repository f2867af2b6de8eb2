"""What counts against each quota. Rooms say it when they are loaded; the gate knows no room.

    counted("calling_cards.cards", count=lambda: Card.objects.count(), members=..., suspend=..., resume=...)

Each function runs inside the schema of the operator that is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import connection, connections

from plans import catalogue
from plans.allowance import Member
from plans.catalogue import OPERATORS, Scope
from tenants.context import in_operator
from tenants.lookup import operator_by_id


@dataclass(frozen=True)
class Counted:
    """`count` is how many there are, archived ones too. `members` gives (made at, id) of each; `suspend` and `resume`
    take ids: without them what is over the quota after a downgrade stays usable, only nothing can be added."""

    count: Callable[[], int]
    members: Callable[[], Sequence[tuple[datetime, int]]] | None = None
    suspend: Change | None = None
    resume: Change | None = None


T = TypeVar("T")
Change = Callable[[Sequence[int]], None]


_COUNTED: dict[str, Counted] = {}


def counted(
    key: str,
    count: Callable[[], int],
    members: Callable[[], Sequence[tuple[datetime, int]]] | None = None,
    suspend: Change | None = None,
    resume: Change | None = None,
) -> None:
    """Say what counts against a quota. Once a key; raises LookupError for an unknown one."""
    catalogue.quota(key)
    if key in _COUNTED:
        raise ValueError(f"{key} is counted already.")
    _COUNTED[key] = Counted(count, members, suspend, resume)


def how(key: str) -> Counted | None:
    return _COUNTED.get(key)


def used(operator_id: int, key: str, using: str = "default", enough: int | None = None) -> int:
    """How many of `key` an operator and those below it have (by the quota's scope). Stops counting past `enough`."""
    _, quota = catalogue.quota(key)
    if key in OPERATORS.values():
        return len(_below(operator_id, quota.kinds, using))
    found = _COUNTED.get(key)
    if found is None:
        raise LookupError(f"No room says what counts as {key}.")
    total = 0
    for one in _counted_operators(operator_id, key, using):
        total += _inside(one, found.count)
        if enough is not None and total > enough:
            break
    return total


def own(operator_id: int, key: str) -> int:
    """How many an operator itself has, whatever counts them against whom."""
    found = _COUNTED.get(key)
    if found is None:
        raise LookupError(f"No room says what counts as {key}.")
    return _inside(operator_id, found.count)


def members(operator_id: int, key: str, using: str = "default") -> Iterator[Member]:
    """All of them, with whose they are. Only for keys whose room tells its members."""
    found = _COUNTED[key]
    assert found.members is not None
    for one in _counted_operators(operator_id, key, using):
        yield from (Member(made_at, one, id) for made_at, id in _inside(one, found.members))


def _counted_operators(operator_id: int, key: str, using: str) -> list[int]:
    _, quota = catalogue.quota(key)
    below = [one for one, _ in _below(operator_id, quota.kinds, using)]
    return below if quota.scope is Scope.BELOW else [operator_id, *below]


def _below(operator_id: int, kinds: Sequence[str], using: str) -> list[tuple[int, datetime]]:
    with connections[using].cursor() as cursor:
        cursor.execute("select id, made_at from plans_below(%s, %s::text[])", [operator_id, list(kinds)])
        return [(row[0], row[1]) for row in cursor.fetchall()]


def _inside(operator_id: int, deed: Callable[[], T]) -> T:
    here = getattr(connection, "tenant", None)
    if getattr(here, "pk", None) == operator_id:
        return deed()
    operator = operator_by_id(operator_id)
    assert operator is not None
    with in_operator(operator):
        return deed()
