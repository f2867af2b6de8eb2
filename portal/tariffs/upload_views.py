"""Sending a price list: every fault with its line, or what it would change, then yes or no."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from portal.tariffs.forms import UploadForm
from portal.tariffs.models import RateUpload, Tariff
from portal.tariffs.price_file import COLUMNS, BadFile, title
from portal.tariffs.tabs import tariff_tabs
from portal.tariffs.upload_rates import TariffChanged, apply_upload, stage_upload
from tenants.access import staff_only


@staff_only
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    tariff = get_object_or_404(Tariff, pk=pk)
    form = UploadForm(request.POST or None, request.FILES or None)
    faults = None
    if form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            staged = stage_upload(
                tariff, sent.name, sent.read(), form.cleaned_data["mode"], timezone.get_current_timezone()
            )
        except BadFile as bad:
            form.add_error("file", str(bad))
        else:
            if isinstance(staged, RateUpload):
                return redirect("tariffs:confirm_upload", pk, staged.pk)
            faults = {"errors": staged.problems, "total": staged.problem_count, "file_name": sent.name}
    context = {
        "form": form, "tariff": tariff, "faults": faults, "tabs": tariff_tabs(tariff),
        "columns": [title(one) for one in COLUMNS],
    }  # fmt: skip
    return render(request, "tariffs/upload.html", context, status=422 if form.is_bound else 200)


@staff_only
def confirm(request: HttpRequest, pk: int, upload_pk: int) -> HttpResponse:
    waiting = get_object_or_404(RateUpload.objects.select_related("tariff"), pk=upload_pk, tariff=pk)
    status = 200
    if request.method == "POST":
        try:
            done = apply_upload(waiting, timezone.get_current_timezone())
        except RateUpload.DoesNotExist:
            raise Http404 from None  # applied already, by somebody else or by the same click
        except TariffChanged:
            messages.warning(
                request, _("The tariff was changed in the meantime. Nothing was done: look at the figures again.")
            )
            status = 409
        else:
            count = done["new"] + done["changed"] + done["removed"]
            messages.success(
                request,
                ngettext("%(count)s rate was changed.", "%(count)s rates were changed.", count) % {"count": count},
            )
            return redirect("tariffs:rates", pk)
    context = {
        "upload": waiting,
        "tariff": waiting.tariff,
        "summary": waiting.summary,
        "tabs": tariff_tabs(waiting.tariff),
    }
    return render(request, "tariffs/confirm_upload.html", context, status=status)


@staff_only
@require_POST
def discard(request: HttpRequest, pk: int, upload_pk: int) -> HttpResponse:
    get_object_or_404(RateUpload, pk=upload_pk, tariff=pk).delete()
    messages.success(request, _("The file was put aside and nothing was changed."))
    return redirect("tariffs:upload", pk)
