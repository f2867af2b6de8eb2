"""Finished calls: the list, read by key so that it stays fast among millions, its totals, one call, and the file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from calls.models import Attempt, CallQuerySet
from portal.history.csv_file import TooManyCalls, calls_csv
from portal.history.filters import CallFilter
from portal.history.patience import TookTooLong, at_most
from portal.history.visible import calls_visible_to
from portal.people.sign_in import viewer
from telecom.causes import cause

PAGE = 50
# Who looks for something rare in everything there ever was is told to choose days.
MOST_MS = 4000


@login_required
def calls(request: HttpRequest) -> HttpResponse:
    form = CallFilter(request.GET, viewer(request))
    context = {"form": form, "query": _query(request)}
    try:
        with at_most(MOST_MS):
            context |= _page(request, form.apply(calls_visible_to(viewer(request))))
    except TookTooLong:
        context |= {"calls": [], "took_too_long": True}
    return render(request, "history/calls.html", context)


def _page(request: HttpRequest, found: CallQuerySet) -> dict[str, Any]:
    """A page of first rows before or after an id. Corrections show on the page of their call."""
    found = found.filter(revision=0)
    before, after = _id(request, "before"), _id(request, "after")
    if after is not None:
        rows = list(found.filter(id__gt=after).order_by("id")[: PAGE + 1])
        has_newer, has_older = len(rows) > PAGE, True
        rows = rows[:PAGE][::-1]
    else:
        rows = list((found.filter(id__lt=before) if before is not None else found).order_by("-id")[: PAGE + 1])
        has_newer, has_older = before is not None, len(rows) > PAGE
        rows = rows[:PAGE]
    kept = _query(request)
    kept = f"{kept}&" if kept else ""
    return {
        "calls": rows,
        "newer": f"?{kept}after={rows[0].id}" if rows and has_newer else "",
        "older": f"?{kept}before={rows[-1].id}" if rows and has_older else "",
    }


def _id(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _query(request: HttpRequest) -> str:
    kept = request.GET.copy()
    for name in ("before", "after"):
        kept.pop(name, None)
    return kept.urlencode()


@login_required
def totals(request: HttpRequest) -> HttpResponse:
    """The sums of the filter, fetched after the page: they read every row that fits."""
    found = CallFilter(request.GET, viewer(request)).apply(calls_visible_to(viewer(request)))
    context: dict[str, Any] = {"currency": request.operator.currency}
    try:
        with at_most(MOST_MS):
            if viewer(request).is_staff_here:
                context["totals"] = found.totals()
            elif customer := viewer(request).customer:
                context |= {"totals": _own_totals(found), "currency": customer.currency}
    except TookTooLong:
        context["totals"] = None
    return render(request, "history/_totals.html", context)


def _own_totals(found: CallQuerySet) -> dict[str, Any]:
    """What a customer may know of its calls: never cost or profit."""
    return found.aggregate(
        calls=Count("id", filter=Q(revision=0)), answered=Count("id", filter=Q(revision=0, answered_at__isnull=False)),
        seconds=Sum("talk_seconds", default=0), billed_seconds=Sum("billed_seconds", default=0),
        spent=Sum("sell", default=0),
    )  # fmt: skip


@login_required
def call(request: HttpRequest, pk: int) -> HttpResponse:
    rows = list(calls_visible_to(viewer(request)).filter(id=pk).order_by("revision"))
    if not rows or rows[0].revision:
        raise Http404
    first = rows[0]
    attempts = []
    if viewer(request).is_staff_here:
        # Row-level security leaves only those over our own providers.
        attempts = list(Attempt.objects.filter(id=pk, operator_id=request.operator.pk).order_by("index", "revision"))
        for one in attempts:
            one.cause_text = cause(one.cause).text if one.cause else ""
    context = {
        "call": first, "corrections": rows[1:], "attempts": attempts,
        "cause_text": cause(first.cause).text if first.cause else "",
        "sold": sum(one.sell for one in rows), "bought": sum(one.buy for one in rows),
        "profit": sum(one.profit for one in rows), "billed": sum(one.billed_seconds for one in rows),
        "talked": sum(one.talk_seconds for one in rows),
    }  # fmt: skip
    return render(request, "history/call.html", context)


@login_required
def export(request: HttpRequest) -> HttpResponse:
    form = CallFilter(request.GET, viewer(request))
    if not form.is_valid():
        return render(request, "history/calls.html", {"form": form, "calls": [], "query": ""}, status=422)
    try:
        content = calls_csv(form.apply(calls_visible_to(viewer(request))).latest(), viewer(request))
    except TooManyCalls as refusal:
        messages.error(request, str(refusal))
        return redirect(f"{reverse('history:list')}?{_query(request)}")
    name = f"calls-{timezone.localdate():%Y-%m-%d}.csv"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=disposition)
