"""Providers for common use: which Reseller PRO uses which, at which tariff. For whoever has providers."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from portal.resellers.forms import AgreementForm, NewProForm, TariffForm
from portal.routing.common_use import InUse, associate_all, end_use, hits, pros_below
from portal.routing.models import CommonUse, NewProRule, Provider
from portal.routing.provider_views import pro_only
from portal.routing.tabs import room_tabs


@pro_only
def common(request: HttpRequest) -> HttpResponse:
    """The list, and one more agreement by hand."""
    pros = pros_below()
    form = AgreementForm(request.POST or None, pros=pros)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            with transaction.atomic():
                CommonUse.objects.create(
                    provider=values["provider"], operator_id=values["operator"], tariff=values["tariff"]
                )
        except IntegrityError:
            # Somebody else has just added the same.
            form.add_error(None, _("This reseller may use this provider already: change the price in the list."))
        else:
            messages.success(request, _("The reseller may use the provider from now on."))
            return redirect("resellers:common")
    rule = NewProRule.objects.first()
    names = {one.pk: one.name for one in pros}
    page = Paginator(CommonUse.objects.select_related("provider", "tariff"), 50).get_page(request.GET.get("page"))
    for one in page:
        one.operator_name = names.get(one.operator_id, "–")
    context = {
        "page": page,
        "form": form,
        "all_form": TariffForm(prefix="all"),
        "rule_form": NewProForm(prefix="rule", initial={"tariff": rule.tariff_id if rule else None}),
        "pros": pros,
        "providers": Provider.objects.filter(common_use=True).count(),
        "tabs": room_tabs(request.operator),
    }
    return render(request, "resellers/common.html", context, status=422 if form.errors else 200)


@pro_only
@require_POST
def associate(request: HttpRequest) -> HttpResponse:
    form = TariffForm(request.POST, prefix="all")
    if form.is_valid():
        made = associate_all(form.cleaned_data["tariff"])
        said = ngettext("%(count)s agreement is new.", "%(count)s agreements are new.", made)
        messages.success(request, said % {"count": made})
    else:
        messages.error(request, _("Choose the tariff that the resellers are to pay by."))
    return redirect("resellers:common")


@pro_only
@require_POST
def new_pros(request: HttpRequest) -> HttpResponse:
    form = NewProForm(request.POST, prefix="rule")
    if not form.is_valid():
        messages.error(request, _("Choose one of your tariffs for customers."))
    elif tariff := form.cleaned_data["tariff"]:
        NewProRule.objects.update_or_create(is_the_one=True, defaults={"tariff": tariff})
        messages.success(request, _("New PROs may use every provider for common use by themselves."))
    else:
        NewProRule.objects.all().delete()
        messages.success(request, _("New PROs get nothing by themselves."))
    return redirect("resellers:common")


@pro_only
def agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """One agreement: its price, and its end."""
    agreed = get_object_or_404(CommonUse.objects.select_related("provider", "tariff"), pk=pk)
    form = TariffForm(request.POST or None, initial={"tariff": agreed.tariff_id})
    if request.method == "POST" and form.is_valid():
        agreed.tariff = form.cleaned_data["tariff"]
        agreed.save()
        messages.success(request, _("The price was changed. It counts for calls from now on."))
        return redirect("resellers:common")
    context = {
        "agreed": agreed, "form": form, "hits": hits(agreed.provider, [agreed.operator_id]),
        "name": {one.pk: one.name for one in pros_below()}.get(agreed.operator_id, "–"),
    }  # fmt: skip
    return render(request, "resellers/agreement.html", context, status=422 if form.errors else 200)


@pro_only
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    agreed = get_object_or_404(CommonUse.objects.select_related("provider"), pk=pk)
    try:
        end_use(agreed, switch_off=request.POST.get("switch_off") == "1")
    except InUse as refusal:
        messages.error(request, str(refusal))
        return redirect("resellers:agreement", pk)
    messages.success(request, _("The reseller can't use the provider any more."))
    return redirect("resellers:common")
