"""LCRs: in which order carriers are tried, the operator above being one of them."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, ProtectedError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.routing.forms import LcrForm, entries
from portal.routing.models import Lcr
from portal.routing.offered import offered
from portal.routing.provider_views import pro_only
from portal.routing.rule_rows import new_row
from portal.routing.tabs import room_tabs


@pro_only
@require_safe
def lcrs(request: HttpRequest) -> HttpResponse:
    found = (
        Lcr.objects.annotate(
            entry_count=Count("entries", distinct=True), customer_count=Count("customers", distinct=True)
        )
        .prefetch_related("entries__provider")
        .order_by("name")
    )
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    above = {one.provider_id: one.name for one in offered()}
    for one in page:
        for entry in one.entries.all():
            entry.common_name = above.get(entry.common_provider_id or 0, _("taken back"))
    return render(request, "routing/lcrs.html", {"page": page, "tabs": room_tabs(request.operator)})


@pro_only
def create(request: HttpRequest) -> HttpResponse:
    form, rows = LcrForm(request.POST or None), entries(request.POST or None)
    if request.method == "POST" and all([form.is_valid(), rows.is_valid()]):
        with transaction.atomic():
            lcr = form.save()
            rows.save(lcr)
        messages.success(request, _("“%(name)s” was created. Give it to customers to use it.") % {"name": lcr})
        return redirect("routing:lcr", lcr.pk)
    return render(request, "routing/lcr.html", {"form": form, "rows": rows}, status=422 if form.is_bound else 200)


@pro_only
def lcr(request: HttpRequest, pk: int) -> HttpResponse:
    changing = get_object_or_404(Lcr, pk=pk)
    form, rows = LcrForm(request.POST or None, instance=changing), entries(request.POST or None, changing)
    if request.method == "POST" and all([form.is_valid(), rows.is_valid()]):
        with transaction.atomic():
            rows.save(form.save())
        messages.success(request, _("The LCR was saved."))
        return redirect("routing:lcr", pk)
    saved = Lcr.objects.get(pk=pk)
    context = {"form": form, "rows": rows, "lcr": saved, "customers": saved.customers.all()[:100]}
    return render(request, "routing/lcr.html", context, status=422 if form.is_bound else 200)


@pro_only
@require_safe
def entry_row(request: HttpRequest) -> HttpResponse:
    """One more empty row for the form, and how many there are then."""
    return render(request, "routing/_row.html", new_row(entries(), request, most=200) | {"unnumbered": True})


@pro_only
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    going = get_object_or_404(Lcr, pk=pk)
    try:
        going.delete()
    except ProtectedError as used:
        names = sorted(str(one) for one in used.protected_objects)
        shown = ", ".join(names[:10]) + (" …" if len(names) > 10 else "")
        messages.error(request, _("“%(lcr)s” is in use by %(names)s, so it stays.") % {"lcr": going, "names": shown})
        return redirect("routing:lcr", pk)
    messages.success(request, _("“%(lcr)s” was deleted.") % {"lcr": going})
    return redirect("routing:lcrs")
