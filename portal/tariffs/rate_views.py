"""The rates of one tariff: searching, adding, changing, blocking, and all of them as a file."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from calls.destinations import Destination
from portal.tariffs.forms import RateForm, RateSearch
from portal.tariffs.models import Rate, Tariff
from portal.tariffs.rate_counts import rate_counts
from portal.tariffs.tabs import tariff_tabs
from portal.tariffs.write_prices import price_lines
from tenants.access import staff_only


@staff_only
@require_safe
def rates(request: HttpRequest, pk: int) -> HttpResponse:
    tariff = get_object_or_404(Tariff, pk=pk)
    form = RateSearch(request.GET)
    asked = form.cleaned_data if form.is_valid() else {"q": "", "show": ""}
    now = timezone.now()
    shown = {
        "": lambda found: found.in_force(now),
        "future": lambda found: found.filter(effective_from__gt=now),
        "blocked": lambda found: found.in_force(now).filter(blocked=True),
        "all": lambda found: found,
    }[asked["show"]](Rate.objects.filter(tariff=tariff))
    q = asked["q"].strip()
    digits = q.removeprefix("+").replace(" ", "")
    holding = False
    if digits.isascii() and digits.isdigit():
        found = shown.within(digits)
        if holding := not found.exists():
            found = shown.holding(digits)
    else:
        # One operator's one tariff: the index leads to its rows, and the words are looked for in those only.
        found = shown.filter(destination__icontains=q) if q else shown
    active, total = rate_counts([pk])[pk]
    paginator = Paginator(found, 50)
    if not q and not asked["show"]:
        paginator.count = active
    context = {
        "tariff": tariff, "form": form, "page": paginator.get_page(request.GET.get("page")), "now": now,
        "holding": digits if holding else "", "active": active, "total": total, "tabs": tariff_tabs(tariff),
        "is_filtered": bool(q or asked["show"]),
    }  # fmt: skip
    return render(request, "tariffs/rates.html", context)


@staff_only
def add(request: HttpRequest, pk: int) -> HttpResponse:
    tariff = get_object_or_404(Tariff, pk=pk)
    form = RateForm(request.POST or None, tariff=tariff, initial={"prefix": request.GET.get("prefix", "")[:15]})
    if form.is_valid():
        rate = _named(form.save(commit=False))
        rate.save()
        messages.success(request, _("The rate for %(prefix)s was added.") % {"prefix": rate.prefix})
        return redirect("tariffs:add_rate" if "another" in request.POST else "tariffs:rates", pk)
    return render(request, "tariffs/rate.html", {"form": form, "tariff": tariff}, status=422 if form.is_bound else 200)


@staff_only
def change(request: HttpRequest, pk: int, rate_pk: int) -> HttpResponse:
    rate = get_object_or_404(Rate.objects.select_related("tariff"), pk=rate_pk, tariff=pk)
    form = RateForm(request.POST or None, instance=rate, tariff=rate.tariff)
    if form.is_valid():
        _named(form.save(commit=False)).save()
        messages.success(request, _("The rate for %(prefix)s was saved.") % {"prefix": rate.prefix})
        return redirect("tariffs:rates", pk)
    saved = Rate.objects.get(pk=rate_pk)
    context = {"form": form, "tariff": rate.tariff, "rate": saved}
    return render(request, "tariffs/rate.html", context, status=422 if form.is_bound else 200)


@staff_only
@require_POST
def block(request: HttpRequest, pk: int, rate_pk: int) -> HttpResponse:
    """Block a rate, or open it again: what the form says and not the opposite of what is, so that twice is once."""
    rate = get_object_or_404(Rate, pk=rate_pk, tariff=pk)
    rate.blocked = request.POST.get("blocked") == "yes"
    rate.save(update_fields=["blocked"])
    said = _("Calls to %(prefix)s are blocked.") if rate.blocked else _("Calls to %(prefix)s are open again.")
    messages.success(request, said % {"prefix": rate.prefix})
    return redirect("tariffs:rate", pk, rate_pk)


@staff_only
@require_POST
def remove(request: HttpRequest, pk: int, rate_pk: int) -> HttpResponse:
    rate = get_object_or_404(Rate, pk=rate_pk, tariff=pk)
    rate.delete()
    messages.success(request, _("The rate for %(prefix)s was deleted.") % {"prefix": rate.prefix})
    return redirect("tariffs:rates", pk)


@staff_only
@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponse:
    tariff = get_object_or_404(Tariff, pk=pk)
    # Whole, not streamed: the schema of a request is left before a stream would be read.
    body = "".join(price_lines(tariff))
    name = f"{tariff.name}-{timezone.localdate():%Y-%m-%d}.csv"
    return HttpResponse(
        body, content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(True, name) or "attachment"},
    )  # fmt: skip


def _named(rate: Rate) -> Rate:
    if not rate.destination and (found := Destination.objects.of(rate.prefix)):
        rate.destination = found.name
    return rate
