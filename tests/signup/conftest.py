"""A form filled in well, the links in the mails, and an operator where signing up is on."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from django.core import mail

from portal.signup.models import SignUpRules
from tenants.context import in_operator

PASSWORD = "battery staple 42 horses"


def open_sign_up(operator, **rules) -> None:
    with in_operator(operator):
        SignUpRules.objects.update_or_create(pk=1, defaults={"enabled": True, **rules})


def filled(**changes) -> dict[str, str]:
    return {
        "email": "nora@example.org", "password": PASSWORD, "first_name": "Nora", "last_name": "Novak",
        "country": "LT", **changes,
    }  # fmt: skip


def sign_up(browser, **changes):
    where = changes.pop("ip", "192.0.2.10")
    return browser.post("/sign-up/", filled(**changes), REMOTE_ADDR=where)


def link(place: int = -1) -> str:
    """The path of the link in a mail."""
    return re.search(r"https?://[^/\s]+(/\S+)", mail.outbox[place].body)[1]


@pytest.fixture
def mails() -> list:
    mail.outbox.clear()
    return mail.outbox


@pytest.fixture
def kit(mails) -> SimpleNamespace:
    return SimpleNamespace(open=open_sign_up, filled=filled, sign_up=sign_up, link=link, mails=mails, password=PASSWORD)
