"""One page: a form, and below it everything the engine says."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from fleet.ask_exchange import ExchangeAway, ExchangeRefused, ask_exchange
from portal.tracing.forms import TraceForm
from tenants.access import staff_only


@staff_only
def trace(request: HttpRequest) -> HttpResponse:
    form = TraceForm(request.GET if "called" in request.GET else None)
    found, problem = None, ""
    if form.is_bound and form.is_valid():
        try:
            found = ask_exchange(
                "trace",
                operator=request.operator.pk,
                identity=form.identity(),
                called=form.cleaned_data["called"],
                caller=form.cleaned_data["caller"],
            )
        except ExchangeRefused:
            problem = _("There is no such device here.")
        except ExchangeAway as error:
            problem = str(error)
    page = "tracing/_found.html" if request.htmx else "tracing/trace.html"
    return render(request, page, {"form": form, "found": found, "problem": problem})
