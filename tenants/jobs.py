"""Background jobs that know which operator they work for. A job without one runs in no operator at all."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from procrastinate.contrib.django import app

from tenants.context import in_operator, leave_operator
from tenants.lookup import operator_by_id
from tenants.models import Operator


class OperatorGone(LookupError):
    """The operator a job was for is closed or was never there: the job fails, it never runs elsewhere."""


def operator_job(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """A procrastinate task whose first argument is an operator. Defer it with `operator_id=`.

    The body runs inside the operator's schema and gets the row; the connection is back in none afterwards.
    """

    def decorate(deed: Callable[..., Any]) -> Any:
        @wraps(deed)
        def run(operator_id: int, **arguments: Any) -> Any:
            leave_operator()
            operator = operator_by_id(operator_id)
            if operator is None or operator.state == Operator.State.CLOSED:
                raise OperatorGone(f"There is no operator {operator_id} to work for.")
            try:
                with in_operator(operator):
                    return deed(operator, **arguments)
            finally:
                leave_operator()

        return app.task(name=f"{deed.__module__}.{deed.__name__}", **options)(run)

    return decorate


def platform_job(cron: str, **options: Any) -> Callable[[Callable[[], Any]], Any]:
    """A scheduled task of the platform itself, in no operator. `cron` as usual, in UTC."""

    def decorate(deed: Callable[[], Any]) -> Any:
        @wraps(deed)
        def run(timestamp: int) -> Any:
            leave_operator()
            try:
                return deed()
            finally:
                leave_operator()

        task = app.task(name=f"{deed.__module__}.{deed.__name__}", queueing_lock=deed.__name__, **options)(run)
        return app.periodic(cron=cron)(task)

    return decorate
