"""Making the customer, user and device of somebody who signed up: all of it, or nothing."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from portal.devices.create_device import create_device
from portal.devices.models import NumberClaim
from portal.devices.templates_of_devices import device_from
from portal.people.models import Customer, User
from portal.people.templates_of_customers import create_from_template
from portal.signup.addresses import is_known
from portal.signup.limits import take_turns
from portal.signup.models import Acceptance, SignUp
from portal.signup.offer import templates_of
from portal.signup.tokens import digest, new_token


class AlreadyThere(Exception):
    """The address has got an account meanwhile."""


def become_customer(one: SignUp, now: datetime, decided_by: str = "") -> str:
    """`one` (locked, not done yet) is a customer from now on; the token of the page that shows the secret once.

    Call it in a transaction. Raises AlreadyThere, and plans.gate.OverLimit; then nothing was made.
    """
    take_turns()
    if is_known(one.email_key):
        raise AlreadyThere
    template, device_template = templates_of(one.plan)
    try:
        with transaction.atomic():
            customer = create_from_template(
                Customer(name=free_name(one), email=one.email, details=one.details), template
            )
            user = User(
                username=one.email_key, email=one.email, first_name=one.first_name, last_name=one.last_name,
                role=User.Role.CUSTOMER, customer=customer, password=one.password,
            )  # fmt: skip
            user.save()
            device, secret = create_device(device_from(device_template, customer))
            token = new_token()
            one.state, one.customer, one.user, one.done_at = SignUp.State.DONE, customer, user, now
            one.gift, one.gift_currency = template.gift or 0, template.currency
            one.decided_by, one.welcome_digest, one.sip_secret = decided_by, digest(token), secret
            # The user has it now; the link to confirm has done its work.
            one.password, one.confirm_digest = "", None
            one.save()
    except IntegrityError as error:
        raise AlreadyThere from error
    if one.phone:
        NumberClaim.objects.create(device=device, number=one.phone)
    if one.agreement:
        Acceptance.objects.create(
            agreement=one.agreement, user=user, ip=one.ip, user_agent=one.user_agent, accepted_at=one.created_at
        )
    return token


def free_name(one: SignUp) -> str:
    """What they call themselves; with a number behind it if another customer is called so."""
    wanted = one.name
    try:
        Customer._meta.get_field("name").run_validators(wanted)
    except ValidationError:
        wanted = f"Customer {one.pk}"
    name, number = wanted, 1
    while Customer.objects.filter(name=name).exists():
        number += 1
        name = f"{wanted[:90]} ({number})"
    return name
