"""Mail to an operator's people: under its own name, from its own domain, with links to its own host."""

from __future__ import annotations

from email.headerregistry import Address
from email.utils import make_msgid

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from tenants.models import Operator


def link_base(operator: Operator) -> str:
    """`https://voice.acme.example`: the operator's main domain, never the host a request happened to name."""
    if settings.SESSION_COOKIE_SECURE:
        return f"https://{operator.main_domain}"
    port = "" if settings.PORT in ("", "80") else f":{settings.PORT}"
    return f"http://{operator.main_domain}{port}"


def sender(operator: Operator) -> str:
    look = operator.branding
    name = " ".join((look.sender_name or look.name or operator.name).split())
    local, _at, domain = (look.sender_address or f"no-reply@{operator.main_domain}").rpartition("@")
    return str(Address(display_name=name, username=local, domain=domain))


def send(operator: Operator, to: str, template: str, context: dict[str, object]) -> None:
    """One plain-text mail; the template's first line is the subject."""
    context = {"brand_name": operator.branding.name or operator.name, **context}
    subject, _, body = render_to_string(template, context).strip().partition("\n")
    post(operator, to, subject, body)


def post(operator: Operator, to: str, subject: str, body: str) -> None:
    # Left to itself, the number of a mail would name the machine it was sent from.
    headers = {"Message-ID": make_msgid(domain=operator.main_domain)}
    answers = [operator.branding.support_email] if operator.branding.support_email else []
    EmailMessage(subject.strip(), body.strip() + "\n", sender(operator), [to], headers=headers, reply_to=answers).send()
