"""A new user for a customer, who chooses a password by a link that works once."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from portal.people.mail import link_base, send
from portal.people.models import User
from portal.people.tokens import reset_tokens
from tenants.models import Operator


def invite_user(operator: Operator, user: User) -> str:
    """Save `user` (new) without a password and answer its invitation link, mailed too if there is an address."""
    with transaction.atomic():
        user.set_unusable_password()
        user.save()
    return renew_invitation(operator, user)


def renew_invitation(operator: Operator, user: User) -> str:
    """A link to choose a password, good for a week and until it is used; mailed if the user has an address."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("people:new_password", args=[uid, reset_tokens.make_invitation(user)])
    link = f"{link_base(operator)}{path}"
    if user.email:
        send(operator, user.email, "people/invitation_mail.txt", {"username": user.username, "link": link})
    return link
