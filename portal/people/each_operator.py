"""A scheduled deed for every operator, one after the other; one that fails keeps no other from its turn."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from tenants.context import in_operator
from tenants.lookup import operator_by_id
from tenants.models import Operator

log = structlog.get_logger()


def each_operator(deed: Callable[[Operator], int], alarm: str) -> int:
    """The sum of what `deed` answers, run inside each operator that is open. For the worker, which alone sees all."""
    total = 0
    there = Operator.objects.using("owner").filter(state__in=[Operator.State.ACTIVE, Operator.State.SUSPENDED])
    for pk in list(there.order_by("pk").values_list("pk", flat=True)):
        operator = operator_by_id(pk)
        if operator is None:
            continue
        try:
            with in_operator(operator):
                total += deed(operator)
        except Exception:
            log.exception(alarm, operator=pk)
    return total
