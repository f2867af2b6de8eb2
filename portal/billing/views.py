"""Money on customers' accounts: moving it, and the statement of what moved."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from ledger.models import CALL, Account, Transfer
from ledger.posting import BelowFloor, LedgerError, PostedDifferently
from portal.billing.forms import MoveForm
from portal.billing.move_money import move_money
from portal.people.models import Customer
from portal.people.sign_in import viewer
from tenants.access import staff_only

PAGE = 50


@staff_only
@never_cache
def move(request: HttpRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=pk)
    form = MoveForm(request.POST if request.method == "POST" else None, customer)
    if request.method == "POST" and form.is_valid() and _moved(request, customer, form):
        return redirect("billing:statement", pk)
    context = {"form": form, "customer": customer, "account": Account.objects.get(pk=customer.account)}
    return render(request, "billing/move.html", context, status=422 if form.errors else 200)


def _moved(request: HttpRequest, customer: Customer, form: MoveForm) -> bool:
    wanted = form.cleaned_data
    try:
        if move_money(customer, wanted["deed"], wanted["kind"], wanted["amount"], wanted["reason"]):
            messages.success(request, _("The balance was changed."))
        else:
            messages.info(request, _("This was done already, so nothing was done again."))
    except BelowFloor:
        form.add_error("amount", _("The account doesn't hold so much. Raise the credit limit first, or take less."))
    except PostedDifferently:
        form.add_error(None, _("This form was sent before with another amount or reason. Open it again to move more."))
    except LedgerError as refusal:
        form.add_error(None, str(refusal))
    return not form.errors


@login_required
def own(request: HttpRequest) -> HttpResponse:
    """A customer's user's own statement."""
    customer = viewer(request).customer
    if customer is None:
        return redirect("people:customers")
    return _statement(request, Account.objects.get(pk=customer.account), {"customer": customer})


@staff_only
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=pk)
    return _statement(request, Account.objects.get(pk=customer.account), {"customer": customer})


@staff_only
def upstream(request: HttpRequest) -> HttpResponse:
    """Our own account in the books of the operator above."""
    account = Account.objects.held_by(request.operator.pk).exclude(currency=CALL).order_by("pk").first()
    if account is None:
        raise Http404
    return _statement(request, account, {"customer": None})


def _statement(request: HttpRequest, account: Account, context: dict[str, Any]) -> HttpResponse:
    """Newest first, read by key. Each line says what it changed, not how the books of the house look."""
    found = Transfer.objects.of_account(account.pk)
    if (place := _place(request.GET.get("before", ""))) is not None:
        source, part = place
        found = found.filter(Q(source__lt=source) | Q(source=source, part__lt=part), source__lte=source)
    rows = list(found[: PAGE + 1])
    for one in rows:
        one.change = one.amount if one.credit == account.pk else -one.amount
    older = f"?before={rows[PAGE - 1].source}-{rows[PAGE - 1].part}" if len(rows) > PAGE else ""
    context |= {
        "account": account, "transfers": rows[:PAGE], "older": older, "is_first": place is None,
        "credit": None if account.floor is None else -account.floor,
    }  # fmt: skip
    return render(request, "billing/statement.html", context)


def _place(text: str) -> tuple[int, int] | None:
    source, _dash, part = text.partition("-")
    numbers = all(one.isascii() and one.isdigit() for one in (source, part))
    return (int(source), int(part)) if numbers and len(source) < 19 and len(part) < 5 else None
