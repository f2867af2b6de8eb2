"""A reseller's page for the operator above it: what it is, what it may, copies of LCRs."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from plans.gate import OverLimit
from portal.people.models import Customer
from portal.resellers.become_pro import become_pro
from portal.resellers.forms import CopyLcrForm
from portal.routing.common_use import pros_below
from portal.routing.copy_lcr import Forbidden, copy_lcr
from portal.routing.models import CommonUse, Lcr
from tenants.access import staff_only
from tenants.below import NotBelow, forbid_copies, forbid_own_providers, operator_below
from tenants.context import in_operator
from tenants.models import Operator


@staff_only
@require_safe
def resellers(request: HttpRequest) -> HttpResponse:
    rows = Customer.objects.filter(operator_id__isnull=False).listed().order_by("name")
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    known = Operator.objects.in_bulk([row.operator_id for row in page])
    for row in page:
        row.below = known.get(row.operator_id)
    return render(request, "resellers/list.html", {"page": page, "forbids_copies": request.operator.forbids_copies})


@staff_only
@require_POST
def rule_copies(request: HttpRequest) -> HttpResponse:
    """Whether resellers may copy our number rules at all."""
    forbidden = request.POST.get("forbidden") == "1"
    Operator.objects.filter(pk=request.operator.pk).update(forbids_copies=forbidden)
    said = _("No reseller can copy your number rules any more.") if forbidden else _("Resellers may copy your rules.")
    messages.success(request, said)
    return redirect("resellers:list")


@staff_only
@require_safe
def reseller(request: HttpRequest, pk: int) -> HttpResponse:
    row, operator = _of(pk)
    return _page(request, row, operator, _copy_form(operator) if operator.is_pro else None)


@staff_only
@require_POST
def pro(request: HttpRequest, pk: int) -> HttpResponse:
    row, operator = _of(pk)
    try:
        become_pro(operator)
        messages.success(request, _("%(name)s is a Reseller PRO from now on.") % {"name": row})
    except OverLimit as refusal:
        messages.error(request, str(refusal))
    return redirect("resellers:reseller", pk)


@staff_only
@require_POST
def own_providers(request: HttpRequest, pk: int) -> HttpResponse:
    row, operator = _of(pk)
    forbidden = request.POST.get("forbidden") == "1"
    forbid_own_providers(operator, forbidden)
    if forbidden:
        messages.success(request, _("%(name)s can add no more providers; those it has go on working.") % {"name": row})
    else:
        messages.success(request, _("%(name)s may add providers again.") % {"name": row})
    return redirect("resellers:reseller", pk)


@staff_only
@require_POST
def copies(request: HttpRequest, pk: int) -> HttpResponse:
    row, operator = _of(pk)
    forbidden = request.POST.get("forbidden") == "1"
    forbid_copies(operator, forbidden)
    said = _("%(name)s can't copy your number rules any more.") if forbidden else _("%(name)s may copy your rules.")
    messages.success(request, said % {"name": row})
    return redirect("resellers:reseller", pk)


@staff_only
@require_POST
def copy_lcr_to(request: HttpRequest, pk: int) -> HttpResponse:
    row, operator = _of(pk)
    form = _copy_form(operator, request.POST)
    if form.is_valid():
        source_id, _dash, lcr_id = form.cleaned_data["lcr"].partition("-")
        source = operator_below(int(source_id)) if int(source_id) else request.operator
        try:
            made = copy_lcr(int(lcr_id), source, operator, without_forbidden=form.cleaned_data["without_forbidden"])
        except (Forbidden, ValueError) as refusal:
            form.add_error("lcr", str(refusal))
        except LookupError:
            raise Http404 from None
        else:
            messages.success(request, _("%(name)s has the LCR “%(lcr)s” now.") % {"name": row, "lcr": made.name})
            return redirect("resellers:reseller", pk)
    return _page(request, row, operator, form, status=422)


def _of(pk: int) -> tuple[Customer, Operator]:
    row = get_object_or_404(Customer, pk=pk, operator_id__isnull=False)
    try:
        return row, operator_below(row.operator_id or 0)
    except NotBelow:
        raise Http404 from None


def _copy_form(target: Operator, data=None) -> CopyLcrForm:
    """Our own LCRs, and those of the other PROs right below us."""
    others = []
    for one in pros_below():
        if one.pk != target.pk:
            with in_operator(one):
                others.append((one, list(Lcr.objects.values_list("pk", "name"))))
    return CopyLcrForm(data, others=others)


def _page(
    request: HttpRequest, row: Customer, operator: Operator, form: CopyLcrForm | None, status: int = 200
) -> HttpResponse:
    agreed = CommonUse.objects.filter(operator_id=operator.pk).select_related("provider", "tariff")
    context = {"customer": row, "below": operator, "copy_form": form, "agreed": agreed}
    return render(request, "resellers/reseller.html", context, status=status)
