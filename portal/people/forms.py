"""Signing in, passwords, and one's own settings."""

from __future__ import annotations

import unicodedata
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import PasswordResetForm
from django.core.validators import RegexValidator
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from portal.people.attempts import count_failure, forget_failures, is_barred, needs_captcha
from portal.people.captcha import add_captcha, show_captcha_errors
from portal.people.mail import link_base, post, sender
from portal.people.models import User
from portal.people.tokens import reset_tokens
from tenants.context import current_operator

# Names end up in files, mails and SIP headers: one line of characters that can be seen.
ONE_LINE = RegexValidator(
    r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]*\Z", _("Leave out control characters.")
)


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("User name"), max_length=150,
        widget=forms.TextInput(
            {"autocomplete": "username", "autofocus": True, "autocapitalize": "none", "spellcheck": "false"}
        ),
    )  # fmt: skip
    password = forms.CharField(
        label=_("Password"), max_length=256, strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )  # fmt: skip
    next = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)

    def __init__(self, *args, request=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.request = request
        self.user: User | None = None
        self.ask_captcha()

    def ask_captcha(self) -> bool:
        """After some failures of this name from this address. Whether it is asked now."""
        name = self.data.get("username", "") if self.is_bound else ""
        if "captcha" in self.fields or not needs_captcha(self.request, name):
            return "captcha" in self.fields
        # With the verifier away people still get in: what is left then is the limit of failures.
        return add_captcha(self, self.request, "sign_in", is_away_open=True)

    def clean(self):
        values = super().clean() or self.cleaned_data
        show_captcha_errors(self)
        if self.errors:
            return values
        name = values["username"]
        if is_barred(self.request, name):
            raise forms.ValidationError(_("Too many failed attempts. Try again in 15 minutes."))
        # Unknown names take as long: Django hashes the password for them too.
        self.user = authenticate(self.request, username=_as_known(name), password=values["password"])
        if self.user is None:
            count_failure(self.request, name)
            # One sentence for every reason: who exists here is nobody's business.
            raise forms.ValidationError(_("That user name and password don't go together."))
        forget_failures(self.request, name)
        return values


def _as_known(typed: str) -> str:
    """Who signed up signs in by the e-mail address, and its case doesn't matter; other names are taken as they are."""
    if "@" not in typed or User.objects.filter(username=typed).exists():
        return typed
    return unicodedata.normalize("NFKC", typed.strip()).casefold()


class ResetForm(PasswordResetForm):
    """The link goes to the operator's main domain, whatever host the request came by."""

    def save(self, **options: Any) -> None:  # type: ignore[override]
        operator = options["request"].operator
        scheme, host = link_base(operator).split("://")
        super().save(
            **options
            | {
                "token_generator": reset_tokens,
                "domain_override": host,
                "use_https": scheme == "https",
                "from_email": sender(operator),
                "extra_email_context": {"brand_name": operator.branding.name or operator.name},
            }
        )

    def send_mail(
        self, subject_template_name, email_template_name, context, from_email, to_email, html_email_template_name=None
    ):
        subject = " ".join(render_to_string(subject_template_name, context).split())
        post(current_operator(), to_email, subject, render_to_string(email_template_name, context))


class OwnSettingsForm(forms.ModelForm):
    timezone = forms.ChoiceField(
        label=_("Time zone"), required=False,
        help_text=_("Times are shown in this zone. Empty: the zone of the portal."),
    )  # fmt: skip

    class Meta:
        model = User
        fields = ["first_name", "last_name", "email", "timezone"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        places = sorted(name for name in available_timezones() if "/" in name or name == "UTC")
        self.fields["timezone"].choices = [("", ""), *((name, name) for name in places)]
        for name in ("first_name", "last_name"):
            self.fields[name].validators.append(ONE_LINE)
