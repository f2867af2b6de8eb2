"""Own domains: adding one, what to write into the DNS, how far it is."""

from __future__ import annotations

from contextlib import suppress

import idna
from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from procrastinate.exceptions import AlreadyEnqueued

from portal.branding.claim_domain import claim_domain, release_domain
from portal.branding.claim_domain import make_main as make_main_domain
from portal.branding.domain_names import BadDomain
from portal.branding.reachable import target_of
from portal.branding.tasks import check_now
from portal.branding.views import room_tabs
from tenants.access import staff_only
from tenants.models import Domain

TONES = {
    Domain.State.PENDING: "info", Domain.State.VERIFIED: "warning", Domain.State.ACTIVE: "success",
    Domain.State.FAILED: "danger",
}  # fmt: skip


class DomainForm(forms.Form):
    domain = forms.CharField(
        label=gettext_lazy("Domain"), max_length=300, help_text=gettext_lazy("For example voice.example.com."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip


@staff_only
@never_cache
def domains(request: HttpRequest) -> HttpResponse:
    form = DomainForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            # Both or none: a claim that nobody will check would wait for nothing.
            with transaction.atomic():
                claimed = claim_domain(form.cleaned_data["domain"])
                _check_soon(request, claimed)
        except BadDomain as error:
            form.add_error("domain", str(error))
        else:
            return redirect("branding:domain", claimed.pk)
    found = [_shown(one) for one in _own(request).order_by("-is_primary", "domain")]
    context = {"form": form, "domains": found, "tabs": room_tabs()}
    return render(request, "branding/domains.html", context, status=422 if form.errors else 200)


@staff_only
@never_cache
@require_safe
def domain(request: HttpRequest, pk: int) -> HttpResponse:
    one = _shown(get_object_or_404(_own(request), pk=pk))
    return render(request, "branding/domain.html", {"domain": one, "target": target_of(request.operator)})


@staff_only
@never_cache
@require_safe
def state(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "branding/_state.html", {"domain": _shown(get_object_or_404(_own(request), pk=pk))})


@staff_only
@require_POST
def check(request: HttpRequest, pk: int) -> HttpResponse:
    _check_soon(request, get_object_or_404(_own(request).exclude(token=""), pk=pk))
    messages.info(request, _("The DNS is being asked. The answer shows here in a moment."))
    return redirect("branding:domain", pk)


@staff_only
@require_POST
def make_main(request: HttpRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(_own(request), pk=pk)
    if make_main_domain(one):
        messages.success(request, _("%(domain)s is the main domain: mails and links go by it.") % {"domain": one})
    else:
        messages.error(request, _("Only a verified domain can be the main one."))
    return redirect("branding:domain", pk)


@staff_only
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(_own(request), pk=pk)
    if release_domain(one):
        messages.success(request, _("%(domain)s was removed.") % {"domain": one})
        return redirect("branding:domains")
    if one.is_given:
        messages.error(request, _("This domain came with the portal and stays."))
    else:
        messages.error(request, _("This is the main domain: make another one the main domain first."))
    return redirect("branding:domain", pk)


def _own(request: HttpRequest):
    return Domain.objects.filter(tenant=request.operator)


def _check_soon(request: HttpRequest, one: Domain) -> None:
    with suppress(AlreadyEnqueued), transaction.atomic():
        job = check_now.configure(queueing_lock=f"domain-{one.pk}")
        job.defer(operator_id=request.operator.pk, domain_id=one.pk)


def _shown(one: Domain) -> Domain:
    """With its colour, and its name as people write it."""
    one.tone = TONES[one.state]
    one.written = idna.decode(one.domain) if "xn--" in one.domain else one.domain
    return one
