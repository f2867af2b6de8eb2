"""The foreign currencies an operator keeps a rate for. Its own has the rate 1 and isn't among them."""

from __future__ import annotations

from django.apps import apps
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.tariffs.forms import CurrencyForm
from portal.tariffs.models import Currency, Tariff
from portal.tariffs.tabs import room_tabs
from tenants.access import staff_only


@staff_only
def currencies(request: HttpRequest) -> HttpResponse:
    form = CurrencyForm(request.POST or None)
    if form.is_valid():
        form.save()
        messages.success(request, _("%(code)s was added.") % {"code": form.instance.code})
        return redirect("tariffs:currencies")
    context = {"form": form, "currencies": Currency.objects.all(), "base": form.base, "tabs": room_tabs()}
    return render(request, "tariffs/currencies.html", context, status=422 if form.is_bound else 200)


@staff_only
def currency(request: HttpRequest, code: str) -> HttpResponse:
    kept = get_object_or_404(Currency, pk=code)
    form = CurrencyForm(request.POST or None, instance=kept)
    if form.is_valid():
        form.save()
        messages.success(
            request, _("The rate of %(code)s was saved. It counts for calls from now on.") % {"code": code}
        )
        return redirect("tariffs:currencies")
    context = {"form": form, "currency": code, "base": form.base, "uses": _uses(code)}
    return render(request, "tariffs/currency.html", context, status=422 if form.is_bound else 200)


@staff_only
@require_POST
def delete(request: HttpRequest, code: str) -> HttpResponse:
    kept = get_object_or_404(Currency, pk=code)
    if names := _uses(code):
        messages.error(
            request, _("%(code)s is used by %(names)s, so it stays.") % {"code": code, "names": ", ".join(names)}
        )
        return redirect("tariffs:currency", code)
    kept.delete()
    messages.success(request, _("%(code)s was deleted.") % {"code": code})
    return redirect("tariffs:currencies")


def _uses(code: str) -> list[str]:
    """Tariffs priced in a currency, and customers who pay in it."""
    # The room of people stands above this one, so that its model is asked for by name.
    customers = apps.get_model("people", "Customer").objects.filter(currency=code).order_by("name")
    return [str(one) for one in (*Tariff.objects.filter(currency=code)[:20], *customers[:20])]
