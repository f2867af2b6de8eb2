"""Customers: the list, one of them with everything about it, and what can be done to it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Q, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from calls.models import Call
from ledger.models import Account
from plans.gate import OverLimit
from portal.people import change_customer
from portal.people.create_customer import create_customer
from portal.people.customer_forms import CustomerFilter, CustomerForm, UserForm
from portal.people.invite_user import invite_user, renew_invitation
from portal.people.models import Customer, User
from portal.people.templates_of_customers import default_customer_template, give_opening_balance
from tenants.access import staff_only

PAGE = 50
ORDERS = {"name": "name", "-name": "-name", "balance": "balance", "-balance": "-balance"}
DONE = {
    "suspend": lambda name: _("%(name)s is suspended and can't call.") % {"name": name},
    "resume": lambda name: _("%(name)s is active again.") % {"name": name},
    "archive": lambda name: _("%(name)s is archived.") % {"name": name},
    "restore": lambda name: _("%(name)s is back in the lists.") % {"name": name},
}


@staff_only
def customers(request: HttpRequest) -> HttpResponse:
    account = Account.objects.filter(pk=OuterRef("account_id"))
    found = Customer.objects.select_related("tariff").annotate(
        balance=Subquery(account.values("posted")), floor=Subquery(account.values("floor"))
    )
    form = CustomerFilter(request.GET)
    if form.is_valid():
        found = _filtered(found, form.cleaned_data)
    else:
        found = found.none()
    found = found.order_by(ORDERS.get(request.GET.get("sort", ""), "name"), "pk")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    for one in page:
        one.credit = None if one.floor is None else -one.floor
    is_empty = not page.paginator.count and not Customer.objects.exists()
    return render(request, "people/customers.html", {"form": form, "page": page, "is_empty": is_empty})


def _filtered(found: Any, wanted: dict[str, Any]) -> Any:
    if wanted["state"] == "archived":
        found = found.filter(archived_at__isnull=False)
    else:
        found = found.listed()
        if wanted["state"]:
            found = found.filter(state=wanted["state"])
    if q := wanted["q"]:
        found = found.filter(Q(name__icontains=q) | Q(email__icontains=q))
    return found


@staff_only
@never_cache
def customer(request: HttpRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(Customer.objects.select_related("tariff", "lcr"), pk=pk)
    account = Account.objects.get(pk=one.account)
    context = {
        "customer": one,
        "customer_query": quote(one.name),
        "account": account,
        "credit": None if account.floor is None else -account.floor,
        "devices": one.devices.filter(archived_at=None)[:20],
        "users": one.users.order_by("username"),
        "calls": Call.objects.of(request.operator.pk).filter(customer_id=one.pk, revision=0).latest()[:5],
        "invitation": request.session.pop(f"invitation-{one.pk}", None),
    }
    return render(request, "people/customer.html", context)


@staff_only
def new_customer(request: HttpRequest) -> HttpResponse:
    form = CustomerForm(request.POST or None, operator=request.operator, template=default_customer_template())
    if request.method == "POST" and form.is_valid() and (made := _saved(form, create=True)):
        messages.success(request, _("%(name)s was added.") % {"name": made})
        return redirect("people:customer", made.pk)
    return render(request, "people/customer_form.html", {"form": form}, status=422 if form.errors else 200)


@staff_only
def edit_customer(request: HttpRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(Customer, pk=pk)
    form = CustomerForm(request.POST or None, instance=one, operator=request.operator)
    if request.method == "POST" and form.is_valid() and _saved(form, create=False):
        messages.success(request, _("%(name)s was saved.") % {"name": one})
        return redirect("people:customer", pk)
    context = {"form": form, "customer": get_object_or_404(Customer, pk=pk)}
    return render(request, "people/customer_form.html", context, status=422 if form.errors else 200)


def _saved(form: CustomerForm, create: bool) -> Customer | None:
    one = form.save(commit=False)
    deed = create_customer if create else change_customer.change_customer
    try:
        with transaction.atomic():
            deed(one, form.cleaned_data["credit_limit"])
            if create:
                give_opening_balance(one, form.cleaned_data["opening_balance"] or Decimal(0))
    except IntegrityError:
        # Somebody else took the name between the form's check and now.
        form.add_error("name", _("There is a customer of that name already."))
        return None
    except OverLimit as full:
        form.add_error(None, str(full))
        return None
    return one


@staff_only
@require_POST
def set_state(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    one = get_object_or_404(Customer, pk=pk)
    getattr(change_customer, deed)(one)
    messages.success(request, DONE[deed](one))
    return redirect("people:customer", pk)


@staff_only
def new_user(request: HttpRequest, pk: int) -> HttpResponse:
    # People of a reseller sign in at the reseller's own portal.
    one = get_object_or_404(Customer, pk=pk, operator_id=None)
    form = UserForm(request.POST or None, instance=User(role=User.Role.CUSTOMER, customer=one))
    if request.method == "POST" and form.is_valid():
        try:
            _remember(request, pk, invite_user(request.operator, form.save(commit=False)))
            return redirect("people:customer", pk)
        except IntegrityError:
            form.add_error("username", _("There is a user of that name already."))
    return render(request, "people/user_form.html", {"form": form, "customer": one}, status=422 if form.errors else 200)


@staff_only
@require_POST
def invite_again(request: HttpRequest, pk: int, user: int) -> HttpResponse:
    invited = _user_of(pk, user)
    if not invited.is_active:
        raise Http404
    _remember(request, pk, renew_invitation(request.operator, invited))
    return redirect("people:customer", pk)


@staff_only
@require_POST
def lock_user(request: HttpRequest, pk: int, user: int) -> HttpResponse:
    User.objects.filter(pk=_user_of(pk, user).pk).update(is_active=False)
    messages.success(request, _("The user can't sign in any more."))
    return redirect("people:customer", pk)


@staff_only
@require_POST
def unlock_user(request: HttpRequest, pk: int, user: int) -> HttpResponse:
    User.objects.filter(pk=_user_of(pk, user).pk).update(is_active=True)
    messages.success(request, _("The user may sign in."))
    return redirect("people:customer", pk)


def _user_of(pk: int, user: int) -> User:
    return get_object_or_404(User.objects.select_related("customer"), pk=user, customer=pk, customer__operator_id=None)


def _remember(request: HttpRequest, pk: int, link: str) -> None:
    # Shown on the next page and then forgotten. It is worth nothing once a password is set.
    request.session[f"invitation-{pk}"] = link
