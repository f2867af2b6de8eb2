"""reCAPTCHA with the operator's own keys, by django-recaptcha; its pages alone may talk to Google.

Where the verifier can't be reached, the caller decides: signing up stays closed, signing in stays open (and limited).
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django_recaptcha import client
from django_recaptcha.fields import ReCaptchaField
from django_recaptcha.widgets import ReCaptchaV2Checkbox, ReCaptchaV3

from portal.people.models import CaptchaKeys

FAILED = _("Show that you are no robot, and send the form again.")
AWAY = _("We can't check at the moment that you are no robot. Try again in a few minutes.")


class BoxWidget(ReCaptchaV2Checkbox):
    # The library's own templates have inline scripts, which our policy refuses.
    template_name = "people/captcha_v2.html"


class ScoreWidget(ReCaptchaV3):
    template_name = "people/captcha_v3.html"


class CaptchaField(ReCaptchaField):
    """`is_away_open`: whether somebody gets on when the verifier doesn't answer."""

    def __init__(self, keys: CaptchaKeys, request: HttpRequest, action: str, *, is_away_open: bool) -> None:
        widget = (
            BoxWidget()
            if keys.version == CaptchaKeys.Version.V2
            else ScoreWidget(action=action, required_score=float(keys.threshold))
        )
        super().__init__(public_key=keys.site_key, private_key=keys.secret, widget=widget, label="")
        self.is_away_open, self.ip = is_away_open, request.META.get("REMOTE_ADDR", "")
        self.error_messages |= {"required": FAILED, "captcha_invalid": FAILED, "captcha_error": AWAY}

    def get_remote_ip(self) -> str:
        # The library would believe a header that anybody can send.
        return self.ip

    def validate(self, value: Any) -> None:
        try:
            super().validate(value)
        except (OSError, ValueError, KeyError) as error:
            # The library lets a verifier that is gone, or talks nonsense, through as an error of ours.
            self._away(error)
        except ValidationError as error:
            # With the verifier away no browser gets a token either.
            is_away = error.code == "captcha_error" or (
                error.code == "required" and self.is_away_open and secret_is_known(self.private_key) is None
            )
            if not is_away:
                raise
            self._away(error)

    def _away(self, error: Exception) -> None:
        if not self.is_away_open:
            raise ValidationError(AWAY, code="captcha_error") from error


def captcha_keys() -> CaptchaKeys | None:
    """The operator's, if both are there."""
    found = CaptchaKeys.objects.filter(pk=1).first()
    return found if found is not None and found.are_set else None


def add_captcha(form: forms.Form, request: HttpRequest, action: str, *, is_away_open: bool) -> bool:
    """Ask for it in this form, if the operator has keys. True if so: then the answer needs `allow_captcha`."""
    keys = captcha_keys()
    if keys is None:
        return False
    form.fields["captcha"] = CaptchaField(keys, request, action, is_away_open=is_away_open)
    return True


def show_captcha_errors(form: forms.Form) -> None:
    """The field can't be seen, so its sentence stands above the form. For the form's clean()."""
    for sentence in form.errors.pop("captcha", []):
        form.add_error(None, sentence)


def allow_captcha(answer: HttpResponse) -> HttpResponse:
    """Let this one page load what the widget needs."""
    host = f"https://{settings.RECAPTCHA_DOMAIN}"
    answer._csp_update = {  # type: ignore[attr-defined]
        "script-src": ["'self'", f"{host}/recaptcha/", "https://www.gstatic.com/recaptcha/"],
        "frame-src": [f"{host}/recaptcha/", "https://recaptcha.google.com/recaptcha/"],
        "connect-src": ["'self'", f"{host}/recaptcha/"],
    }
    return answer


def secret_is_known(secret: str) -> bool | None:
    """Whether the verifier knows this secret key; None when it can't be asked."""
    try:
        said = client.submit(recaptcha_response="-", private_key=secret, remoteip="")
    except (OSError, ValueError, KeyError):
        return None
    return "invalid-input-secret" not in (said.error_codes or [])
