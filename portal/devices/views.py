"""Devices: the list, one of them with how to set up a phone, and its secret, which is shown exactly once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from portal.devices import change_device
from portal.devices.create_device import create_device, renew_secret
from portal.devices.forms import DeviceFilter, DeviceForm
from portal.devices.models import Device
from portal.devices.templates_of_devices import default_device_template
from tenants.access import staff_only
from tenants.encryption import Undecryptable, seal, unseal
from tenants.models import Operator
from tenants.reseller_terms import terms_of

PAGE = 50
DONE = {
    "suspend": lambda name: _("%(name)s is suspended and can't call.") % {"name": name},
    "resume": lambda name: _("%(name)s may call again.") % {"name": name},
    "archive": lambda name: _("%(name)s is archived and can't call.") % {"name": name},
    "restore": lambda name: _("%(name)s is back in the list, still suspended.") % {"name": name},
}


@login_required
def devices(request: HttpRequest) -> HttpResponse:
    visible = Device.objects.visible_to(request.user).select_related("customer")
    form = DeviceFilter(request.GET)
    found = _filtered(visible, form.cleaned_data) if form.is_valid() else visible.none()
    page = Paginator(found.order_by("customer__name", "name", "pk"), PAGE).get_page(request.GET.get("page"))
    is_empty = not page.paginator.count and not visible.exists()
    return render(request, "devices/devices.html", {"form": form, "page": page, "is_empty": is_empty})


def _filtered(found: Any, wanted: dict[str, Any]) -> Any:
    if wanted["state"] == "archived":
        found = found.filter(archived_at__isnull=False)
    else:
        found = found.filter(archived_at=None)
        if wanted["state"]:
            found = found.filter(state=wanted["state"])
    if q := wanted["q"]:
        fits = Q(name__icontains=q) | Q(customer__name__icontains=q) | Q(caller_id__contains=q)
        if q[:1] == "d" and q[1:].isascii() and q[1:].isdigit():
            fits |= Q(identity_id=int(q[1:]))
        found = found.filter(fits)
    return found


@login_required
@never_cache
def device(request: HttpRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(Device.objects.visible_to(request.user).select_related("customer", "location"), pk=pk)
    context = {"device": one, "server": request.operator.main_domain, "secret": _take_secret(request, one)}
    context |= {"claims": one.claims.filter(verified_at=None), "may_renew": _may_renew(request)}
    return render(request, "devices/device.html", context)


@staff_only
def new_device(request: HttpRequest) -> HttpResponse:
    customer = request.GET.get("customer", "")
    chosen = {"customer": customer if customer.isdigit() else None}
    form = DeviceForm(request.POST or None, initial=chosen, template=default_device_template())
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                made = create_device(form.save(commit=False))
        except IntegrityError:
            form.add_error("name", _("This customer has a device of that name already."))
        else:
            _keep_secret(request, made.device, made.secret)
            return redirect("devices:device", made.device.pk)
    return render(request, "devices/device_form.html", {"form": form}, status=422 if form.errors else 200)


@staff_only
def edit_device(request: HttpRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(Device, pk=pk)
    form = DeviceForm(request.POST or None, instance=one)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                change_device.change_device(form.save(commit=False))
        except IntegrityError:
            form.add_error("name", _("This customer has a device of that name already."))
        else:
            messages.success(request, _("%(name)s was saved.") % {"name": one})
            return redirect("devices:device", pk)
    context = {"form": form, "device": get_object_or_404(Device, pk=pk)}
    return render(request, "devices/device_form.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(Device.objects.visible_to(request.user), pk=pk, archived_at=None)
    if not _may_renew(request):
        raise PermissionDenied
    with transaction.atomic():
        _keep_secret(request, one, renew_secret(Device.objects.select_for_update().get(pk=one.pk)))
    return redirect("devices:device", pk)


@staff_only
@require_POST
def set_state(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    one = get_object_or_404(Device, pk=pk)
    getattr(change_device, deed)(one)
    messages.success(request, DONE[deed](one))
    return redirect("devices:device", pk)


def _may_renew(request: HttpRequest) -> bool:
    """The operator above may have forbidden it."""
    return terms_of(request.operator).value("renew_secrets") is not False


# The secret goes from the deed to the next page sealed, because sessions lie in the database, and only once.
def _keep_secret(request: HttpRequest, one: Device, secret: str) -> None:
    request.session[f"secret-{one.pk}"] = seal(secret, _bound_to(request.operator, one))


def _take_secret(request: HttpRequest, one: Device) -> str:
    sealed = request.session.pop(f"secret-{one.pk}", "")
    try:
        return unseal(sealed, _bound_to(request.operator, one)) if sealed else ""
    except Undecryptable:
        return ""


def _bound_to(operator: Operator, one: Device) -> str:
    return f"{operator.schema_name}/session/{one.pk}"
