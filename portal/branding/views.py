"""Pages on which an operator says what it looks like."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from portal.branding.forms import ContactForm, LegalForm, LookForm
from portal.branding.previewed import figures, sheet
from tenants.access import staff_only
from tenants.models import Branding
from theme.nav import NavItem


def room_tabs() -> list[NavItem]:
    return [
        NavItem(_("Look"), reverse("branding:look"), ""),
        NavItem(_("Contact and mail"), reverse("branding:contact"), ""),
        NavItem(_("Legal texts"), reverse("branding:legal"), ""),
        NavItem(_("Domains"), reverse("branding:domains"), ""),
    ]


@staff_only
def look(request: HttpRequest) -> HttpResponse:
    kept = _kept(request)
    form = LookForm(request.POST or None, request.FILES or None, instance=kept)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("The look was saved. Everybody sees it from now on."))
        return redirect("branding:look")
    context = {"form": form, "tabs": room_tabs(), "kept": _kept(request), **_preview(kept.primary, kept.accent)}
    return render(request, "branding/look.html", context, status=422 if form.is_bound else 200)


@staff_only
@require_safe
def preview(request: HttpRequest) -> HttpResponse:
    """The colours as they stand in the form, saved or not."""
    accent = request.GET.get("accent", "") if request.GET.get("use_accent") else ""
    return render(request, "branding/_preview.html", _preview(request.GET.get("primary", ""), accent))


@staff_only
@require_safe
@cache_control(max_age=600, private=True)
def preview_sheet(request: HttpRequest) -> HttpResponse:
    try:
        text = sheet(request.GET.get("primary", ""), request.GET.get("accent", ""))
    except ValueError:
        raise Http404 from None
    return HttpResponse(text, content_type="text/css; charset=utf-8")


@staff_only
def contact(request: HttpRequest) -> HttpResponse:
    form = ContactForm(request.POST or None, instance=_kept(request))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("The contacts were saved."))
        return redirect("branding:contact")
    context = {"form": form, "tabs": room_tabs()}
    return render(request, "branding/contact.html", context, status=422 if form.is_bound else 200)


@staff_only
def legal(request: HttpRequest) -> HttpResponse:
    form = LegalForm(request.POST or None, instance=_kept(request))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("The texts were saved."))
        return redirect("branding:legal")
    context = {"form": form, "tabs": room_tabs(), "kept": _kept(request)}
    return render(request, "branding/legal.html", context, status=422 if form.is_bound else 200)


def _kept(request: HttpRequest) -> Branding:
    return Branding.objects.get(pk=request.operator.pk)


def _preview(primary: str, accent: str) -> dict[str, object]:
    try:
        return {"primary": primary, "accent": accent, "figures": figures(primary, accent)}
    except ValueError as error:
        return {"problem": str(error)}
