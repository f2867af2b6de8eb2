"""Signing in and out, and a forgotten password."""

from __future__ import annotations

from django.contrib.auth import logout, views
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from portal.people.forms import ResetForm, SignInForm
from portal.people.sign_in import begin_session
from portal.people.tokens import reset_tokens


@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        begin_session(request, form.user)
        return redirect(_where_to(request))
    return render(request, "people/sign_in.html", {"form": form, "next": request.GET.get("next", "")})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("people:sign_in")


def _where_to(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    # This very host and no other: another operator's host is a stranger too.
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return resolve_url("home:dashboard")


class Forgotten(views.PasswordResetView):
    form_class = ResetForm
    template_name = "people/forgotten.html"
    email_template_name = "people/reset_mail.txt"
    subject_template_name = "people/reset_subject.txt"
    success_url = reverse_lazy("people:reset_sent")
    token_generator = reset_tokens


class ResetSent(views.PasswordResetDoneView):
    template_name = "people/reset_sent.html"


class NewPassword(views.PasswordResetConfirmView):
    template_name = "people/new_password.html"
    success_url = reverse_lazy("people:password_changed")
    token_generator = reset_tokens


class PasswordChanged(views.PasswordResetCompleteView):
    template_name = "people/password_changed.html"
