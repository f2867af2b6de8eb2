"""Signing in and out, a forgotten password, and one's own account."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout, views
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from portal.people.attempts import count_failure, is_barred
from portal.people.captcha import allow_captcha
from portal.people.forms import OwnSettingsForm, ResetForm, SignInForm
from portal.people.sign_in import begin_session
from portal.people.tokens import reset_tokens


@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method == "GET" and request.user.is_authenticated:
        return redirect("home:dashboard")
    form = SignInForm(request.POST or None, request=request, initial={"next": request.GET.get("next", "")[:2000]})
    if request.method == "POST" and form.is_valid() and form.user:
        begin_session(request, form.user)
        return redirect(_where_to(request, form.cleaned_data["next"]))
    # The failure that has just happened may be the one after which it is asked.
    asks = form.ask_captcha()
    answer = render(request, "people/sign_in.html", {"form": form}, status=422 if form.errors else 200)
    return allow_captcha(answer) if asks else answer


def _where_to(request: HttpRequest, wanted: str) -> str:
    # This very host and no other: another operator's host is a stranger too.
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return resolve_url("home:dashboard")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("people:sign_in")


class Forgotten(views.PasswordResetView):
    form_class = ResetForm
    template_name = "people/forgotten.html"
    email_template_name = "people/reset_mail.txt"
    subject_template_name = "people/reset_subject.txt"
    success_url = reverse_lazy("people:reset_sent")
    token_generator = reset_tokens

    def form_valid(self, form):
        asked_for = f"reset {form.cleaned_data['email']}"
        if is_barred(self.request, asked_for):
            # Somebody's mailbox is no toy. The answer is the same as always.
            return redirect(self.success_url)
        count_failure(self.request, asked_for)
        return super().form_valid(form)


class ResetSent(views.PasswordResetDoneView):
    template_name = "people/reset_sent.html"


class NewPassword(views.PasswordResetConfirmView):
    template_name = "people/new_password.html"
    success_url = reverse_lazy("people:password_changed")
    token_generator = reset_tokens


class PasswordChanged(views.PasswordResetCompleteView):
    template_name = "people/password_changed.html"


@login_required
def own_account(request: HttpRequest) -> HttpResponse:
    form = OwnSettingsForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your settings were saved."))
        return redirect("people:account")
    return render(request, "people/account.html", {"form": form}, status=422 if form.errors else 200)


class OwnPassword(views.PasswordChangeView):
    """Asks for the old one; other sessions of the user end, this one stays."""

    template_name = "people/own_password.html"
    success_url = reverse_lazy("people:account")

    def form_valid(self, form):
        messages.success(self.request, _("Your password was changed."))
        return super().form_valid(form)
