"""Providers: the carriers an operator brings itself. Whoever may not have any finds no such pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, ProtectedError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ledger.models import Account
from portal.routing.change_provider import HasHistory, change_provider, delete_provider
from portal.routing.create_provider import create_provider
from portal.routing.forms import ProviderForm, ProviderRules, TriedProviderRules
from portal.routing.models import Provider
from portal.routing.rule_rows import new_row
from portal.routing.tabs import room_tabs
from telecom.localization import RuleKind, RuleSet, rewrite
from telecom.numbers import e164_problem
from tenants.access import staff_only


def pro_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For staff of the owner and of Reseller PROs."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not request.operator.is_pro:
            raise Http404
        return view(request, *args, **kwargs)

    return staff_only(guarded)


@pro_only
@require_safe
def providers(request: HttpRequest) -> HttpResponse:
    found = Provider.objects.select_related("tariff").annotate(lcr_count=Count("lcr_entries")).order_by("name")
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    owed = dict(Account.objects.filter(pk__in=[one.account_id for one in page]).values_list("pk", "posted"))
    for provider in page:
        provider.owed = owed.get(provider.account_id or 0)
    return render(
        request,
        "routing/providers.html",
        {
            "page": page,
            "tabs": room_tabs(request.operator),
            "may_add": not request.operator.forbid_own_providers,
        },
    )


@pro_only
def create(request: HttpRequest) -> HttpResponse:
    if request.operator.forbid_own_providers:
        raise PermissionDenied
    form = ProviderForm(request.POST or None)
    rules = ProviderRules(request.POST or None, instance=form.instance, prefix="rules")
    if request.method == "POST" and all([form.is_valid(), rules.is_valid()]):
        with transaction.atomic():
            provider = create_provider(form.save(commit=False))
            rules.instance = provider
            rules.save_in_order()
        messages.success(
            request, _("“%(name)s” was created. Put it into an LCR to send it calls.") % {"name": provider}
        )
        return redirect("routing:provider", provider.pk)
    return render(
        request, "routing/provider.html", {"form": form, "rules": rules}, status=422 if form.is_bound else 200
    )


@pro_only
def provider(request: HttpRequest, pk: int) -> HttpResponse:
    changing = get_object_or_404(Provider, pk=pk)
    form = ProviderForm(request.POST or None, instance=changing)
    rules = ProviderRules(request.POST or None, instance=changing, prefix="rules")
    if request.method == "POST" and all([form.is_valid(), rules.is_valid()]):
        with transaction.atomic():
            change_provider(form.save(commit=False))
            rules.save_in_order()
        messages.success(request, _("The provider was saved."))
        return redirect("routing:provider", pk)
    saved = Provider.objects.get(pk=pk)
    context = {
        "form": form, "rules": rules, "provider": saved,
        "account": Account.objects.filter(pk=saved.account_id or 0).first(),
        "entries": saved.lcr_entries.select_related("lcr").order_by("lcr__name"),
    }  # fmt: skip
    return render(request, "routing/provider.html", context, status=422 if form.is_bound else 200)


@pro_only
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    going = get_object_or_404(Provider, pk=pk)
    try:
        delete_provider(going)
    except ProtectedError:
        names = ", ".join(str(one.lcr) for one in going.lcr_entries.select_related("lcr")[:10])
        names = names or _("resellers may use it")
        messages.error(request, _("“%(name)s” is in use, so it stays: %(names)s.") % {"name": going, "names": names})
    except HasHistory:
        messages.error(
            request, _("“%(name)s” has carried calls, so it stays. Switch it off instead.") % {"name": going}
        )
    else:
        messages.success(request, _("“%(name)s” was deleted.") % {"name": going})
        return redirect("routing:providers")
    return redirect("routing:provider", pk)


@pro_only
@require_safe
def rule_row(request: HttpRequest) -> HttpResponse:
    """One more empty row for the form, and how many there are then."""
    return render(request, "routing/_row.html", new_row(ProviderRules(prefix="rules"), request))


@pro_only
@require_POST
def try_rules(request: HttpRequest) -> HttpResponse:
    """What the provider would be sent, by the rules of the form as they stand."""
    rules, faulty = TriedProviderRules(request.POST, prefix="rules").rules()
    compiled = RuleSet(rules, outgoing=True)
    number, caller = (request.POST.get(name, "").strip()[:64] for name in ("try_number", "try_caller"))
    context = {"faulty": faulty, "number": number, "problem": e164_problem(number) if number else ""}
    if number and not context["problem"]:
        context["called"], context["called_rule"] = rewrite(compiled, RuleKind.DESTINATION, number, number)
        context["caller"], context["caller_rule"] = rewrite(compiled, RuleKind.CALLER_ID, caller, caller)
    return render(request, "routing/_tried.html", context)
