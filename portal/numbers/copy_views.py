"""Copies of the number rules of the operator above: what differs, a pull per rule, and copying anew."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from portal.numbers.copy_rules import CannotCopy, copy_rules, differences, pull_rule
from portal.numbers.models import Location, Rule
from tenants.access import staff_only
from tenants.below import may_copy_rules


def copies_allowed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For staff whose operator may copy the rules above; 403 where that is forbidden."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not may_copy_rules(request.operator):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return staff_only(guarded)


@copies_allowed
@require_safe
def above(request: HttpRequest) -> HttpResponse:
    place = Location.objects.standard()
    copies = Rule.objects.filter(copied_from__isnull=False, location__is_default=True)
    context = {
        "differences": differences(), "copies": copies.count(), "place": place,
        "labels": {one.name: one.verbose_name for one in Rule._meta.fields},
        "emptied": [one for one in copies if one.emptied],
    }  # fmt: skip
    return render(request, "numbers/above.html", context)


@copies_allowed
@require_POST
def copy(request: HttpRequest) -> HttpResponse:
    how = request.POST.get("how")
    if how not in ("replace", "add"):
        raise Http404
    try:
        copied = copy_rules(replace=how == "replace")
    except CannotCopy as problem:
        messages.error(request, str(problem))
        return redirect("numbers:above")
    said = ngettext("%(count)s rule was copied.", "%(count)s rules were copied.", copied.rules)
    messages.success(request, said % {"count": copied.rules})
    return redirect("numbers:above")


@copies_allowed
@require_POST
def pull(request: HttpRequest, source: int) -> HttpResponse:
    try:
        pulled = pull_rule(source)
    except LookupError:
        raise Http404 from None
    except CannotCopy as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("“%(rule)s” is now as it stands above.") % {"rule": pulled})
    return redirect("numbers:above")
