"""Locations and their number rules, edited in one table and tried before they are saved."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, ProtectedError, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.numbers.forms import LocationForm, LocationRules, RuleDetailForm, TriedLocationRules
from portal.numbers.models import Location, Rule
from portal.numbers.try_rules import try_rules
from portal.routing.rule_rows import new_row
from tenants.access import staff_only
from tenants.below import may_copy_rules


@staff_only
@require_safe
def locations(request: HttpRequest) -> HttpResponse:
    found = Location.objects.annotate(
        rule_count=Count("rules", distinct=True), device_count=Count("devices", distinct=True),
        off_count=Count("rules", distinct=True, filter=Q(rules__enabled=False)),
    )  # fmt: skip
    page = Paginator(found.order_by("-is_global", "-is_default", "name"), 50).get_page(request.GET.get("page"))
    return render(request, "numbers/list.html", {"page": page, "may_copy": may_copy_rules(request.operator)})


@staff_only
def create(request: HttpRequest) -> HttpResponse:
    form = LocationForm(request.POST or None)
    rules = LocationRules(request.POST or None, instance=form.instance, prefix="rules")
    if request.method == "POST" and all([form.is_valid(), rules.is_valid()]):
        with transaction.atomic():
            rules.instance = form.save()
            rules.save_in_order()
        messages.success(
            request, _("“%(name)s” was created. Put devices into it on their pages.") % {"name": form.instance}
        )
        return redirect("numbers:location", form.instance.pk)
    return render(
        request, "numbers/location.html", {"form": form, "rules": rules}, status=422 if form.is_bound else 200
    )


@staff_only
def location(request: HttpRequest, pk: int) -> HttpResponse:
    changing = get_object_or_404(Location, pk=pk)
    form = LocationForm(request.POST or None, instance=changing)
    rules = LocationRules(request.POST or None, instance=changing, prefix="rules")
    if request.method == "POST" and all([form.is_valid(), rules.is_valid()]):
        with transaction.atomic():
            form.save()
            rules.save_in_order()
        messages.success(request, _("The location and its rules were saved. They count for calls from now on."))
        return redirect("numbers:location", pk)
    saved = Location.objects.get(pk=pk)
    context = {
        "form": form, "rules": rules, "location": saved,
        "saved_rules": saved.rules.all(),
        "devices": saved.devices.select_related("customer")[:100], "device_count": saved.devices.count(),
    }  # fmt: skip
    return render(request, "numbers/location.html", context, status=422 if form.is_bound else 200)


@staff_only
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    going = get_object_or_404(Location, pk=pk)
    try:
        if going.came_with_operator:
            messages.error(request, _("“%(name)s” came with the portal and can't be deleted.") % {"name": going})
            return redirect("numbers:location", pk)
        going.delete()
    except ProtectedError as used:
        names = sorted(str(one) for one in used.protected_objects)
        shown = ", ".join(names[:10]) + (" …" if len(names) > 10 else "")
        messages.error(request, _("“%(name)s” is used by %(names)s, so it stays.") % {"name": going, "names": shown})
        return redirect("numbers:location", pk)
    messages.success(request, _("“%(name)s” and its rules were deleted.") % {"name": going})
    return redirect("numbers:list")


@staff_only
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    """One rule whole, with what else it changes."""
    changing = get_object_or_404(Rule.objects.select_related("location"), pk=pk)
    form = RuleDetailForm(request.POST or None, instance=changing)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("The rule was saved. It counts for calls from now on."))
        return redirect("numbers:location", changing.location_id)
    saved = Rule.objects.select_related("location").get(pk=pk)
    return render(request, "numbers/rule.html", {"form": form, "rule": saved}, status=422 if form.is_bound else 200)


@staff_only
@require_safe
def rule_row(request: HttpRequest) -> HttpResponse:
    return render(request, "routing/_row.html", new_row(LocationRules(prefix="rules"), request))


@staff_only
@require_POST
def try_it(request: HttpRequest) -> HttpResponse:
    """What the rules of the form, as they stand now, make of a number."""
    asked = request.POST.get("location", "")
    tried_in = get_object_or_404(Location, pk=int(asked)) if asked.isdecimal() and len(asked) < 19 else None
    rules, faulty = TriedLocationRules(request.POST, prefix="rules").rules()
    called, caller = (request.POST.get(name, "").strip()[:80] for name in ("try_called", "try_caller"))
    tried = try_rules(request.operator, tried_in, rules, called, caller) if called else None
    return render(
        request, "numbers/_tried.html", {"tried": tried, "faulty": faulty, "called": called, "caller": caller}
    )
