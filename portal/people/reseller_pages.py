"""What those right below us may do: our default for all, groups, and each reseller, with what counts in the end."""

from __future__ import annotations

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import Count, ProtectedError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.people.models import Customer
from portal.people.reseller_forms import GroupForm, ResellerForm, TermsForm
from tenants.access import staff_only
from tenants.below import operator_below
from tenants.reseller_terms import ResellerGroup, ResellerTerms, terms_of


@staff_only
def groups(request: HttpRequest) -> HttpResponse:
    found = ResellerGroup.objects.filter(operator_id=request.operator.pk).annotate(count=Count("members"))
    return render(request, "people/reseller_groups.html", {"groups": found})


@staff_only
def default(request: HttpRequest) -> HttpResponse:
    row = ResellerTerms.objects.filter(operator_id=request.operator.pk, reseller_id=0).first()
    form = TermsForm(request.POST or None, row.values if row else {})
    if request.method == "POST" and form.is_valid():
        _keep(request.operator.pk, 0, {"values": form.values()})
        messages.success(request, _("The default for resellers was saved."))
        return redirect("people:groups")
    return render(request, "people/reseller_default.html", {"form": form}, status=422 if form.errors else 200)


@staff_only
def reseller(request: HttpRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=pk, operator_id__isnull=False)
    assert customer.operator_id is not None
    below = operator_below(customer.operator_id)
    row = ResellerTerms.objects.filter(operator_id=request.operator.pk, reseller_id=below.pk).first()
    form = ResellerForm(request.POST or None, row.values if row else {}, terms_of(below), row.group if row else None)
    if request.method == "POST" and form.is_valid():
        _keep(request.operator.pk, below.pk, {"values": form.values(), "group": form.cleaned_data["group"]})
        messages.success(request, _("%(name)s was saved.") % {"name": customer})
        return redirect("people:reseller", pk)
    context = {"form": form, "customer": customer}
    return render(request, "people/reseller.html", context, status=422 if form.errors else 200)


def _keep(operator_id: int, reseller_id: int, columns: dict) -> None:
    ResellerTerms.objects.update_or_create(operator_id=operator_id, reseller_id=reseller_id, defaults=columns)


@staff_only
def new_group(request: HttpRequest) -> HttpResponse:
    return _group_page(request, ResellerGroup(operator_id=request.operator.pk))


@staff_only
def group(request: HttpRequest, pk: int) -> HttpResponse:
    return _group_page(request, get_object_or_404(ResellerGroup, pk=pk, operator_id=request.operator.pk))


def _group_page(request: HttpRequest, one: ResellerGroup) -> HttpResponse:
    form = GroupForm(request.POST or None, instance=one)
    terms = TermsForm(request.POST if request.method == "POST" else None, one.values)
    if request.method == "POST" and form.is_valid() & terms.is_valid():
        one.values = terms.values()
        try:
            with transaction.atomic():
                one.save()
        except IntegrityError:
            form.add_error("name", _("There is a group of that name already."))
        else:
            messages.success(request, _("%(name)s was saved.") % {"name": one})
            return redirect("people:groups")
    context = {"form": form, "terms": terms, "group": one if one.pk else None}
    return render(request, "people/reseller_group.html", context, status=422 if form.errors or terms.errors else 200)


@staff_only
@require_POST
def remove_group(request: HttpRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(ResellerGroup, pk=pk, operator_id=request.operator.pk)
    try:
        with transaction.atomic():
            one.delete()
    except (ProtectedError, IntegrityError):
        messages.error(request, _("Resellers are in this group. Give them another one first."))
        return redirect("people:group", pk)
    messages.success(request, _("%(name)s was removed.") % {"name": one})
    return redirect("people:groups")
