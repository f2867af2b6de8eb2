"""Signing up, as the operator's people see it: who waits, how it goes, and what new customers start with."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import IntegrityError, models, transaction
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from plans.gate import OverLimit
from portal.devices.models import DeviceTemplate
from portal.devices.templates_of_devices import default_device_template
from portal.people.models import CaptchaKeys, CustomerTemplate
from portal.people.sign_in import viewer
from portal.people.templates_of_customers import default_customer_template
from portal.signup.fields import BUILT_IN, all_fields
from portal.signup.limits import take_turns
from portal.signup.models import Agreement, Field, Plan, SignUp, SignUpRules
from portal.signup.offer import current_agreement, is_open
from portal.signup.register import LinkDead, approve, refuse
from portal.signup.staff_forms import (
    AgreementForm,
    CaptchaForm,
    CustomerTemplateForm,
    DeviceTemplateForm,
    FieldForm,
    PlanForm,
    RulesForm,
)
from portal.signup.tabs import tabs
from tenants.access import staff_only

PAGE = 50


@staff_only
def sign_ups(request: HttpRequest) -> HttpResponse:
    found = SignUp.objects.select_related("plan", "customer").exclude(state=SignUp.State.REPEATED)
    wanted = request.GET.get("state", "")
    if wanted in SignUp.State.values:
        found = found.filter(state=wanted)
    else:
        found = found.filter(state__in=[SignUp.State.APPROVAL, SignUp.State.WAITING])
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    shown = [one for one in SignUp.State.choices if one[0] != SignUp.State.REPEATED]
    context = {"page": page, "wanted": wanted, "states": shown, "tabs": tabs(), "is_open": is_open(request.operator)}
    return render(request, "signup/sign_ups.html", context)


@staff_only
@require_POST
def decide(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    get_object_or_404(SignUp, pk=pk)
    deeds = {"approve": (approve, _("%(email)s is a customer now.")), "refuse": (refuse, _("%(email)s was refused."))}
    act, sentence = deeds[deed]
    try:
        one = act(request.operator, pk, viewer(request).get_username(), timezone.now())
        messages.success(request, sentence % {"email": one.email})
    except LinkDead:
        messages.error(request, _("This sign-up doesn't wait any more."))
    except OverLimit as full:
        messages.error(request, str(full))
    return redirect("signup:list")


def _page(request: HttpRequest, form: forms.BaseForm, heading: str, back: str, **more: Any) -> HttpResponse:
    context = {"form": form, "page_heading": heading, "back": back, "tabs": tabs(), **more}
    return render(request, "signup/settings.html", context, status=422 if form.errors else 200)


def _save(request: HttpRequest, form: Any, sentence: str) -> bool:
    """Saved, or the row's name was taken a moment ago. Dangerous settings are looked at one after the other."""
    if request.method != "POST":
        return False
    try:
        with transaction.atomic():
            take_turns()
            if not form.is_valid():
                return False
            form.save()
    except IntegrityError:
        form.add_error(None, _("Somebody else has just saved the same. Look at it again."))
        return False
    messages.success(request, sentence)
    return True


@staff_only
def rules(request: HttpRequest) -> HttpResponse:
    form = RulesForm(request.POST or None, instance=SignUpRules.ours(), operator=request.operator)
    if _save(request, form, _("The settings were saved.")):
        return redirect("signup:rules")
    return _page(request, form, _("How customers sign up"), "signup:list")


@staff_only
def captcha(request: HttpRequest) -> HttpResponse:
    keys = CaptchaKeys.objects.filter(pk=1).first() or CaptchaKeys()
    form = CaptchaForm(request.POST or None, instance=keys)
    # Asking the verifier is no work for inside a transaction.
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("The keys were saved."))
        return redirect("signup:captcha")
    return _page(request, form, _("Robot test (reCAPTCHA)"), "signup:rules", is_set=keys.are_set)


@staff_only
def fields(request: HttpRequest) -> HttpResponse:
    return render(request, "signup/fields.html", {"fields": all_fields(), "tabs": tabs()})


@staff_only
def built_in_field(request: HttpRequest, key: str) -> HttpResponse:
    if key not in BUILT_IN:
        return redirect("signup:fields")
    known = BUILT_IN[key]
    row = Field.objects.filter(key=key).first() or Field(key=key, state=known.state, position=known.position)
    return _field(request, row, str(known.label))


@staff_only
def field(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Field, pk=pk)
    return _field(request, row, str(row.label or BUILT_IN[row.key].label))


@staff_only
def new_field(request: HttpRequest) -> HttpResponse:
    return _field(request, Field(), _("New field"))


def _field(request: HttpRequest, row: Field, heading: str) -> HttpResponse:
    form = FieldForm(request.POST or None, instance=row)
    if _save(request, form, _("The field was saved.")):
        return redirect("signup:fields")
    return _page(request, form, heading, "signup:fields")


@staff_only
def offers(request: HttpRequest) -> HttpResponse:
    context = {
        "plans": Plan.objects.select_related("customer", "device"),
        "customers": _with_default(CustomerTemplate, default_customer_template()),
        "devices": _with_default(DeviceTemplate, default_device_template()), "tabs": tabs(),
    }  # fmt: skip
    return render(request, "signup/offers.html", context)


def _with_default(model: type[models.Model], default: Any) -> list[Any]:
    rows = list(model._default_manager.all())
    return rows if default.pk else [default, *rows]


@staff_only
def default_customer(request: HttpRequest) -> HttpResponse:
    return _template(request, CustomerTemplateForm, default_customer_template(), _("Default customer"))


@staff_only
def customer_template(request: HttpRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(CustomerTemplate, pk=pk)
    return _template(request, CustomerTemplateForm, one, one.name)


@staff_only
def new_customer_template(request: HttpRequest) -> HttpResponse:
    one = CustomerTemplate(currency=request.operator.currency)
    return _template(request, CustomerTemplateForm, one, _("New template for customers"))


@staff_only
def default_device(request: HttpRequest) -> HttpResponse:
    return _template(request, DeviceTemplateForm, default_device_template(), _("Default device"))


@staff_only
def device_template(request: HttpRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(DeviceTemplate, pk=pk)
    return _template(request, DeviceTemplateForm, one, one.name)


@staff_only
def new_device_template(request: HttpRequest) -> HttpResponse:
    return _template(request, DeviceTemplateForm, DeviceTemplate(), _("New template for devices"))


def _template(request: HttpRequest, form_class: Any, one: Any, heading: str) -> HttpResponse:
    more = {"operator": request.operator} if form_class is CustomerTemplateForm else {}
    form = form_class(request.POST or None, instance=one, **more)
    if _save(request, form, _("%(name)s was saved.") % {"name": heading}):
        return redirect("signup:offers")
    return _page(request, form, heading, "signup:offers")


@staff_only
def new_plan(request: HttpRequest) -> HttpResponse:
    return _plan(request, Plan(), _("New plan"))


@staff_only
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(Plan, pk=pk)
    return _plan(request, one, one.name)


def _plan(request: HttpRequest, one: Plan, heading: str) -> HttpResponse:
    form = PlanForm(request.POST or None, instance=one, operator=request.operator)
    if _save(request, form, _("The plan was saved.")):
        return redirect("signup:offers")
    return _page(request, form, heading, "signup:offers")


@staff_only
def publish(request: HttpRequest) -> HttpResponse:
    current = current_agreement()
    form = AgreementForm(request.POST or None, initial={"text": current.text if current else ""})
    if request.method == "POST" and form.is_valid():
        _publish(form.cleaned_data["text"], viewer(request).get_username())
        messages.success(request, _("This version counts from now on. Customers are asked at their next sign-in."))
        return redirect("signup:publish")
    return _page(request, form, _("Agreement"), "signup:rules", agreement=current, submit=_("Publish a new version"))


def _publish(text: str, by: str) -> None:
    with transaction.atomic():
        take_turns()
        last = Agreement.objects.first()
        # Sent twice is one version.
        if last is None or last.text != text:
            number = (Agreement.objects.aggregate(last=Max("version"))["last"] or 0) + 1
            Agreement.objects.create(version=number, text=text, published_by=by)
