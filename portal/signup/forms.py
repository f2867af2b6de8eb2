"""The form of somebody who signs up, made of the operator's fields, and the forms behind the links."""

from __future__ import annotations

from typing import Any

import phonenumbers
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from portal.people.captcha import add_captcha, show_captcha_errors
from portal.people.forms import ONE_LINE
from portal.people.models import User
from portal.signup.addresses import is_refused
from portal.signup.fields import BUILT_IN, countries, shown_fields
from portal.signup.models import Agreement, Field, Plan, SignUpRules
from portal.signup.offer import current_agreement, offered_plans
from portal.signup.register import Wish
from portal.tariffs.models import PLAIN

OUT_OF_DATE = _("The agreement has changed meanwhile. Read it again, please.")


class SignUpForm(forms.Form):
    def __init__(self, data: Any, request: HttpRequest) -> None:
        super().__init__(data)
        self.request = request
        self.agreement = current_agreement()
        self.rows = shown_fields()
        self._add_plans(offered_plans())
        for row in self.rows:
            self.fields[row.name] = _built_in(row) if row.key else _own(row)
        if self.agreement is not None:
            self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput, initial=self.agreement.version)
            self.fields["agree"] = forms.BooleanField(
                label=_("I have read the agreement and agree to it."),
                error_messages={"required": _("Without agreeing you can't sign up.")},
            )
        # Closed when nobody can tell people from robots.
        self.asks_captcha = add_captcha(self, request, "sign_up", is_away_open=False)

    def _add_plans(self, plans: list[Plan]) -> None:
        self.plans = {str(one.pk): one for one in plans}
        if len(plans) > 1:
            words = [(key, f"{one.name}: {one.description}" if one.description else one.name)
                     for key, one in self.plans.items()]  # fmt: skip
            self.fields["plan"] = forms.ChoiceField(label=_("Plan"), choices=words, widget=forms.RadioSelect)

    def clean_email(self):
        email = self.cleaned_data["email"]
        if is_refused(email, SignUpRules.ours().refused_mail):
            raise ValidationError(_("Use an e-mail address that stays yours; this kind is thrown away."))
        return email

    def clean_version(self):
        if self.agreement is not None and self.cleaned_data["version"] != self.agreement.version:
            raise ValidationError(OUT_OF_DATE)
        return self.cleaned_data["version"]

    def clean_phone(self):
        typed = self.cleaned_data["phone"].strip()
        return typed and e164(typed, self.data.get("country", ""))

    def clean(self):
        values = super().clean() or self.cleaned_data
        show_captcha_errors(self)
        if "version" in self.errors:
            # The field can't be seen, so its sentence stands above the form.
            self.add_error(None, OUT_OF_DATE)
            del self.errors["version"]
        if "password" in values:
            likeness = User(
                username=values.get("email", ""), email=values.get("email", ""),
                first_name=values.get("first_name", ""), last_name=values.get("last_name", ""),
            )  # fmt: skip
            try:
                validate_password(values["password"], likeness)
            except ValidationError as error:
                self.add_error("password", error)
        return values

    def wish(self) -> Wish:
        said = self.cleaned_data
        person = f"{said.get('first_name', '')} {said.get('last_name', '')}".strip()
        plan = next(iter(self.plans.values()), None) if len(self.plans) < 2 else self.plans[said["plan"]]
        return Wish(
            email=said["email"], password=said["password"], country=said["country"],
            name=(said.get("company") or person or said["email"])[:90], first_name=said.get("first_name", ""),
            last_name=said.get("last_name", ""), phone=said.get("phone", ""), details=self._details(), plan=plan,
            agreement=self.agreement, ip=self.request.META.get("REMOTE_ADDR") or None,
            user_agent=_visible(self.request.headers.get("User-Agent", "")),
        )  # fmt: skip

    def _details(self) -> dict[str, str]:
        """What staff read on the customer's page; the phone stands with the device until it is proved."""
        left_out = ("email", "password", "phone")
        told = {row.label: self.cleaned_data[row.name] for row in self.rows if row.name not in left_out}
        words = {True: str(_("Yes")), False: str(_("No"))}
        return {label: words.get(value, value) for label, value in told.items() if value not in ("", None)}


def _built_in(row: Field) -> forms.Field:
    known = BUILT_IN[row.key]
    more: dict[str, Any] = {"required": row.state == Field.State.REQUIRED, "help_text": row.help}
    attributes = {"autocomplete": known.autocomplete} if known.autocomplete else {}
    if row.key == "email":
        return forms.EmailField(label=row.label, max_length=known.most, widget=forms.EmailInput(attributes), **more)
    if row.key == "password":
        return forms.CharField(
            label=row.label, max_length=known.most, strip=False, widget=forms.PasswordInput(attributes),
            **more | {"help_text": row.help or _("At least 10 characters.")},
        )  # fmt: skip
    if row.key == "country":
        choices = [("", ""), *countries(get_language() or "en")]
        return forms.ChoiceField(label=row.label, choices=choices, widget=forms.Select(attributes), **more)
    checks = [PLAIN, ONE_LINE] if row.key != "phone" else [ONE_LINE]
    widget = forms.TextInput(attributes | ({"type": "tel"} if row.key == "phone" else {}))
    return forms.CharField(label=row.label, max_length=known.most, validators=checks, widget=widget, **more)


def _own(row: Field) -> forms.Field:
    more: dict[str, Any] = {"label": row.label, "help_text": row.help, "required": row.state == Field.State.REQUIRED}
    if row.kind == Field.Kind.CHECKBOX:
        return forms.BooleanField(**more)
    if row.kind == Field.Kind.SELECT:
        return forms.ChoiceField(choices=[("", ""), *((one, one) for one in row.options)], **more)
    return forms.CharField(max_length=200, validators=[PLAIN, ONE_LINE], **more)


def e164(typed: str, country: str) -> str:
    """The digits of a number as typed in a country. Raises ValidationError."""
    try:
        number = phonenumbers.parse(typed, country or None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or number.extension or not phonenumbers.is_possible_number(number):
        raise ValidationError(_("This isn't a phone number. Begin it with + and the code of the country."))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164).lstrip("+")


def _visible(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())[:300]


class ConfirmForm(forms.Form):
    password = forms.CharField(
        label=_("Password"), max_length=256, strip=False,
        help_text=_("The one you chose when you signed up."),
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )  # fmt: skip


class AgreeForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    agree = forms.BooleanField(label=_("I have read the agreement and agree to it."))

    def __init__(self, data: Any, agreement: Agreement) -> None:
        super().__init__(data, initial={"version": agreement.version})
        self.agreement = agreement

    def clean(self):
        values = super().clean() or self.cleaned_data
        if values.get("version") != self.agreement.version:
            raise ValidationError(OUT_OF_DATE)
        return values
