"""Signing up, as those see it who do. A GET never uses a link up."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from plans.gate import OverLimit
from portal.people.captcha import allow_captcha
from portal.people.sign_in import viewer
from portal.signup.agreements import accept
from portal.signup.forms import AgreeForm, ConfirmForm, SignUpForm
from portal.signup.limits import TooMany
from portal.signup.models import SignUp
from portal.signup.offer import current_agreement, has_room, is_open
from portal.signup.register import LinkDead, WrongPassword, confirm, register, waiting
from portal.signup.tokens import digest


@never_cache
@sensitive_post_parameters("password")
def sign_up(request: HttpRequest) -> HttpResponse:
    if not is_open(request.operator):
        raise Http404
    if not has_room(request.operator):
        return _closed(request)
    form = SignUpForm(request.POST or None, request)
    status = 422
    if request.method == "POST" and form.is_valid():
        try:
            register(request.operator, form.wish(), timezone.now())
            return redirect("signup:sent")
        except TooMany as limit:
            form.add_error(None, str(limit))
            status = 429
        except OverLimit:
            return _closed(request)
    context = {"form": form, "agreement": form.agreement}
    answer = render(request, "signup/sign_up.html", context, status=status if form.errors else 200)
    return allow_captcha(answer) if form.asks_captcha else answer


def _closed(request: HttpRequest) -> HttpResponse:
    return render(request, "signup/closed.html", status=503)


def unlogged(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For pages whose address is a key: Django would log it with every answer that is an error."""

    @wraps(view)
    def quiet(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        answer._has_been_logged = True  # type: ignore[attr-defined]
        return answer

    return quiet


@never_cache
def sent(request: HttpRequest) -> HttpResponse:
    return render(request, "signup/sent.html")


@unlogged
@never_cache
@sensitive_post_parameters("password")
def confirm_address(request: HttpRequest, token: str) -> HttpResponse:
    form = ConfirmForm(request.POST or None)
    try:
        waiting(token, timezone.now())
        if request.method == "POST" and form.is_valid():
            welcome_token = confirm(token, form.cleaned_data["password"], timezone.now())
            return redirect("signup:welcome", welcome_token) if welcome_token else redirect("signup:approval")
    except WrongPassword:
        form.add_error("password", _("That isn't the password you chose when you signed up."))
    except LinkDead:
        return render(request, "signup/dead_link.html", status=404)
    except OverLimit:
        return _closed(request)
    return render(request, "signup/confirm.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
def approval(request: HttpRequest) -> HttpResponse:
    return render(request, "signup/approval.html")


@unlogged
@never_cache
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """The sign-in data of the first phone. The secret comes with a POST, once, and then it is gone."""
    with transaction.atomic():
        mine = SignUp.objects.filter(welcome_digest=digest(token), state=SignUp.State.DONE)
        one = mine.select_related("customer").select_for_update(of=("self",)).first()
        if one is None or one.customer is None:
            return render(request, "signup/dead_link.html", status=404)
        secret = ""
        if request.method == "POST":
            secret, one.sip_secret, one.welcome_digest = one.sip_secret, "", None
            one.save(update_fields=["sip_secret", "welcome_digest"])
    device = one.customer.devices.order_by("pk").first()
    context = {"device": device, "server": request.operator.main_domain, "secret": secret}
    return render(request, "signup/welcome.html", context)


def agreement(request: HttpRequest) -> HttpResponse:
    """The text that counts now, for everybody."""
    current = current_agreement()
    if current is None:
        raise Http404
    return render(request, "signup/agreement.html", {"agreement": current})


@login_required
@never_cache
def agree(request: HttpRequest) -> HttpResponse:
    """A new version: whoever agreed to an earlier one is asked again at the next sign-in."""
    current = current_agreement()
    if current is None:
        return redirect("home:dashboard")
    form = AgreeForm(request.POST or None, current)
    if request.method == "POST" and form.is_valid():
        accept(request, viewer(request), current)
        return redirect("home:dashboard")
    context = {"form": form, "agreement": current}
    return render(request, "signup/agree.html", context, status=422 if form.errors else 200)
