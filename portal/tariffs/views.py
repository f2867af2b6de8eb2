"""Tariffs: the list, one tariff's settings, and where a number leads and what it costs in each of them."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import ProtectedError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from calls.destinations import Destination
from portal.tariffs.forms import FinderForm, TariffForm
from portal.tariffs.models import Rate, Tariff
from portal.tariffs.rate_counts import rate_counts
from portal.tariffs.tabs import room_tabs, tariff_tabs
from tenants.access import staff_only


@staff_only
@require_safe
def tariff_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(Tariff.objects.with_uses().order_by("name"), 50).get_page(request.GET.get("page"))
    counts = rate_counts(one.pk for one in page)
    for tariff in page:
        tariff.active_rates, tariff.total_rates = counts[tariff.pk]
    return render(request, "tariffs/list.html", {"page": page, "tabs": room_tabs()})


@staff_only
def create(request: HttpRequest) -> HttpResponse:
    form = TariffForm(request.POST or None)
    if form.is_valid():
        tariff = form.save()
        messages.success(request, _("The tariff was created. Now give it prices."))
        return redirect("tariffs:rates", tariff.pk)
    return render(request, "tariffs/new.html", {"form": form}, status=422 if form.is_bound else 200)


@staff_only
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    tariff = get_object_or_404(Tariff, pk=pk)
    form = TariffForm(request.POST or None, instance=tariff)
    if form.is_valid():
        form.save()
        messages.success(request, _("The tariff was saved."))
        return redirect("tariffs:edit", pk)
    saved = Tariff.objects.get(pk=pk)
    context = {
        "form": form, "tariff": saved, "tabs": tariff_tabs(saved),
        "customers": saved.customers.all()[:100], "providers": saved.providers.all()[:100],
    }  # fmt: skip
    return render(request, "tariffs/edit.html", context, status=422 if form.is_bound else 200)


@staff_only
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    tariff = get_object_or_404(Tariff, pk=pk)
    try:
        tariff.delete()
    except ProtectedError as used:
        names = sorted(str(one) for one in used.protected_objects)
        shown = ", ".join(names[:10]) + (" …" if len(names) > 10 else "")
        messages.error(
            request, _("“%(tariff)s” is in use by %(names)s, so it stays.") % {"tariff": tariff, "names": shown}
        )
        return redirect("tariffs:edit", pk)
    messages.success(request, _("“%(tariff)s” and its rates were deleted.") % {"tariff": tariff})
    return redirect("tariffs:list")


@staff_only
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Where a number leads, and the rate that each tariff has for it."""
    form = FinderForm(request.GET)
    number = form.cleaned_data["number"] if form.is_valid() else ""
    destination, found = None, []
    if number:
        destination = Destination.objects.of(number)
        best: dict[int, Rate] = {}
        for rate in Rate.objects.in_force().holding(number).select_related("tariff"):
            if rate.tariff_id not in best or len(best[rate.tariff_id].prefix) < len(rate.prefix):
                best[rate.tariff_id] = rate
        found = sorted(best.values(), key=lambda one: (one.tariff.purpose, one.tariff.name))
    context = {"form": form, "number": number, "destination": destination, "rates": found, "tabs": room_tabs()}
    return render(request, "tariffs/find.html", context)
