"""Asking Stripe. What changes anything there is written down under its Idempotency-Key before it is asked, so a lost
answer is an UNKNOWN that `reconcile` asks for again: under the same key Stripe does it once.

No call is made inside a database transaction: a slow Stripe would keep locks, and a rollback would forget the deed.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import stripe
import structlog
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from payments.account import account_of
from payments.models import StripeCall
from tenants.context import in_operator
from tenants.models import Operator

# Stripe keeps keys for at least 24 hours.
KEYS_KEPT = timedelta(hours=23)
log = structlog.get_logger()


class Refused(Exception):
    """Stripe said no; the text is its reason. Nothing has happened there."""


class NotThere(Refused):
    """Stripe knows no such object in this account."""


class Unknown(Exception):
    """No answer came. It may have happened; `reconcile` will find out. Don't ask again under another key."""


class AskedDifferently(ValueError):
    """This key stands for another question: a bug, and nothing was asked."""


def ask(operator: Operator, key: str, path: str, params: dict[str, Any]) -> dict[str, Any]:
    """Have Stripe do something once; `operator` is whose account it is, `key` names the deed in it.

    The same key again gives the first answer. Raises Refused, Unknown, AskedDifferently, NoStripe.
    """
    _outside_transactions()
    account_of(operator)
    with in_operator(operator):
        call, made = StripeCall.objects.get_or_create(
            operator_id=operator.pk, key=key, defaults={"path": path, "params": params}
        )
        if (call.path, _plain(call.params)) != (path, _plain(params)):
            raise AskedDifferently(f"The key {key} was used for another question before.")
        if call.state in (StripeCall.State.UNKNOWN, StripeCall.State.LOST):
            _try(operator, call)
        if call.state == StripeCall.State.REFUSED:
            raise Refused(call.error)
        if call.state != StripeCall.State.DONE:
            raise Unknown(call.error)
        return dict(call.answer or {})


def fetch(operator: Operator, path: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
    """Read something at Stripe. Raises NotThere, Refused, Unknown, NoStripe."""
    _outside_transactions()
    return _request(operator, "get", path, params or {})


def preview(operator: Operator, path: str, params: dict[str, Any]) -> dict[str, Any]:
    """Have Stripe work something out that changes nothing there. Raises as `fetch`."""
    _outside_transactions()
    return _request(operator, "post", path, params)


def answered(operator: Operator, key: str) -> dict[str, Any] | None:
    """What Stripe answered to a deed; None if it wasn't asked, or hasn't answered."""
    with in_operator(operator):
        return StripeCall.objects.filter(operator_id=operator.pk, key=key).values_list("answer", flat=True).first()


def reconcile(operator: Operator, now: datetime | None = None) -> int:
    """Ask again for every answer that was lost, under its own key; how many are known now.

    After a day Stripe may have forgotten the key: the call becomes LOST, an alarm for people.
    """
    _outside_transactions()
    at, known = now or timezone.now(), 0
    with in_operator(operator):
        for call in StripeCall.objects.filter(operator_id=operator.pk, state=StripeCall.State.UNKNOWN).order_by("pk"):
            if call.asked_at + KEYS_KEPT <= at:
                StripeCall.objects.filter(pk=call.pk).update(state=StripeCall.State.LOST)
                log.error("an answer of Stripe's is lost", key=call.key, path=call.path)
                continue
            _try(operator, call)
            known += call.state != StripeCall.State.UNKNOWN
    return known


def _try(operator: Operator, call: StripeCall) -> None:
    """One attempt; the row says what came of it. A LOST one is not tried any more."""
    if call.state == StripeCall.State.LOST:
        return
    StripeCall.objects.filter(pk=call.pk).update(tries=F("tries") + 1, tried_at=timezone.now())
    try:
        call.answer = _request(operator, "post", call.path, call.params, call.key)
        call.state = StripeCall.State.DONE
        call.error = ""
    except Unknown as unknown:
        call.error = str(unknown)
    except Refused as refused:
        call.state, call.error = StripeCall.State.REFUSED, str(refused)
    with transaction.atomic():
        # Whoever else asked under this key meanwhile got the same answer: what is known stays known.
        StripeCall.objects.filter(pk=call.pk, state=StripeCall.State.UNKNOWN).update(
            state=call.state, answer=call.answer, error=call.error
        )


def _request(operator: Operator, method: str, path: str, params: dict[str, Any], key: str = "") -> dict[str, Any]:
    # Keys are unique in an account, and several installations may share a test account.
    options = {"idempotency_key": f"{operator.pk}-{key}"} if key else {}
    try:
        answer = account_of(operator).client().raw_request(method, path, **params, **options)
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise Unknown("Stripe does not answer.") from error
    except stripe.IdempotencyError as error:
        raise Refused(_sentence(error)) from error
    except stripe.StripeError as error:
        if error.http_status is None or error.http_status >= 500 or error.http_status == 409:
            raise Unknown("Stripe has trouble of its own.") from error
        raise (NotThere if error.http_status == 404 else Refused)(_sentence(error)) from error
    return dict(json.loads(answer.body))


def _sentence(error: stripe.StripeError) -> str:
    return error.user_message or "Stripe refused it."


def _plain(params: Any) -> str:
    return json.dumps(params, sort_keys=True)


def _outside_transactions() -> None:
    if connection.in_atomic_block:
        raise RuntimeError("Stripe is never asked inside a transaction.")
