from __future__ import annotations

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import PasswordResetForm
from django.utils.translation import gettext_lazy as _

from portal.people.tokens import reset_tokens


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("User name"), max_length=150, widget=forms.TextInput({"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        label=_("Password"), max_length=256, strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )  # fmt: skip

    def __init__(self, *args, request=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.request, self.user = request, None

    def clean(self):
        values = super().clean()
        if not self.errors:
            self.user = authenticate(self.request, username=values["username"], password=values["password"])
            if self.user is None:
                # One sentence for every reason: who exists here is nobody's business.
                raise forms.ValidationError(_("That user name and password don't go together."))
        return values


class ResetForm(PasswordResetForm):
    """The link goes to the operator's main domain, whatever host the request came by."""

    def save(self, **options):
        request = options["request"]
        super().save(
            **options | {"token_generator": reset_tokens, "domain_override": request.operator.main_domain}
        )
