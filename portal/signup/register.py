"""Somebody signs up: the row, and a mail that says how it goes on. The answer is the same whoever's address it was."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import F
from django.urls import reverse

from portal.people.mail import link_base, send
from portal.signup.addresses import is_known, mail_key, network_of
from portal.signup.become_customer import AlreadyThere, become_customer
from portal.signup.limits import has_gift_left, may_mail, refuse_too_many, take_turns
from portal.signup.models import Agreement, Plan, SignUp, SignUpRules
from portal.signup.offer import templates_of
from portal.signup.tokens import digest, new_token
from tenants.models import Operator

HOURS = 48
GOOD_FOR = timedelta(hours=HOURS)
MOST_FAILURES = 5


@dataclass(frozen=True)
class Wish:
    """A form that was filled in well. `phone` are the digits of an E.164 number."""

    email: str
    password: str = field(repr=False)
    country: str
    name: str
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    details: dict[str, str] = field(default_factory=dict)
    plan: Plan | None = None
    agreement: Agreement | None = None
    ip: str | None = None
    user_agent: str = ""


def register(operator: Operator, wish: Wish, now: datetime) -> None:
    """Raises TooMany and OverLimit. Whether the address is known is told by mail only, to whoever reads it."""
    rules = SignUpRules.ours()
    # Before the lock, and for known addresses too: it is what takes time.
    password = make_password(wish.password)
    network, key = network_of(wish.ip), mail_key(wish.email)
    with transaction.atomic():
        take_turns()
        refuse_too_many(rules, network, now)
        mail = may_mail(key, now)
        one = SignUp(
            email=wish.email, email_key=key, password=password, country=wish.country, name=wish.name,
            first_name=wish.first_name, last_name=wish.last_name, phone=wish.phone, details=wish.details,
            plan=wish.plan, agreement=wish.agreement, ip=wish.ip, network=network,
            user_agent=wish.user_agent[:300], created_at=now,
        )  # fmt: skip
        token, template = _begin(one, rules, now)
    if mail:
        tell(operator, one, template, token)


def _begin(one: SignUp, rules: SignUpRules, now: datetime) -> tuple[str, str]:
    """Save it in the state it begins with; the token and the mail that belong to it."""
    if is_taken(one.email_key):
        one.state, one.password = SignUp.State.REPEATED, ""
        one.save()
        return "", "signup/known_mail.txt"
    if rules.mode == SignUpRules.Mode.INSTANT and not needs_approval(one, rules, now):
        one.save()
        return become_customer(one, now), "signup/welcome_mail.txt"
    token = new_token()
    one.confirm_digest = digest(token)
    one.save()
    return token, "signup/confirm_mail.txt"


def needs_approval(one: SignUp, rules: SignUpRules, now: datetime) -> bool:
    """Whether one of us has to look first: by the rules, or because it would give away too much."""
    template, _ = templates_of(one.plan)
    if rules.mode == SignUpRules.Mode.APPROVE or template.gift is None:
        return True
    return not has_gift_left(rules, template.gift, template.currency, now)


class LinkDead(LookupError):
    """The link was used, is too old, was refused, or is not of this operator."""


def waiting(token: str, now: datetime) -> SignUp:
    """Whose link this is. Raises LinkDead."""
    found = SignUp.objects.filter(
        confirm_digest=digest(token), state=SignUp.State.WAITING, created_at__gt=now - GOOD_FOR
    ).first()
    if found is None:
        raise LinkDead
    return found


class WrongPassword(ValueError):
    """Not the password that was chosen when signing up."""


def confirm(token: str, password: str, now: datetime) -> str:
    """The address is proved. The token of the welcome page, or nothing where one of us has to approve first.

    Asks for the password of the sign-up too: else somebody could sign up with another's address, and the owner of the
    mailbox would confirm an account whose password a stranger knows. Raises WrongPassword (five times kill the link),
    LinkDead and plans.gate.OverLimit.
    """
    _check(waiting(token, now), password)
    try:
        with transaction.atomic():
            take_turns()
            one = SignUp.objects.select_for_update(of=("self",)).get(pk=waiting(token, now).pk)
            if not needs_approval(one, SignUpRules.ours(), now):
                return become_customer(one, now)
            if is_taken(one.email_key):
                raise AlreadyThere
            one.state, one.confirm_digest = SignUp.State.APPROVAL, None
            one.save()
            return ""
    except AlreadyThere:
        # Another sign-up of the same address was quicker.
        raise LinkDead from None


def _check(one: SignUp, password: str) -> None:
    # Counted before it is compared: five guesses at once are five guesses.
    left = SignUp.objects.filter(pk=one.pk, confirm_failures__lt=MOST_FAILURES)
    if not left.update(confirm_failures=F("confirm_failures") + 1):
        raise LinkDead
    if not check_password(password, one.password):
        raise WrongPassword
    SignUp.objects.filter(pk=one.pk).update(confirm_failures=F("confirm_failures") - 1)


def is_taken(key: str) -> bool:
    """Whether the address has an account here, or waits for one of us."""
    return is_known(key) or SignUp.objects.filter(email_key=key, state=SignUp.State.APPROVAL).exists()


def approve(operator: Operator, pk: int, by: str, now: datetime) -> SignUp:
    """One of us lets it in; it hears by mail. Raises LinkDead when it doesn't wait (any more), and OverLimit."""
    try:
        with transaction.atomic():
            one = _waits_for_us(pk)
            token = become_customer(one, now, decided_by=by)
    except AlreadyThere:
        raise LinkDead from None
    tell(operator, one, "signup/welcome_mail.txt", token)
    return one


def refuse(operator: Operator, pk: int, by: str, now: datetime) -> SignUp:
    """One of us turns it down; it hears by mail. Raises LinkDead."""
    with transaction.atomic():
        one = _waits_for_us(pk)
        one.state, one.decided_by, one.password, one.done_at = SignUp.State.REFUSED, by, "", now
        one.confirm_digest = None
        one.save()
    tell(operator, one, "signup/refused_mail.txt", "")
    return one


def _waits_for_us(pk: int) -> SignUp:
    take_turns()
    found = SignUp.objects.select_for_update(of=("self",)).filter(pk=pk, state=SignUp.State.APPROVAL).first()
    if found is None:
        raise LinkDead
    return found


def tell(operator: Operator, one: SignUp, template: str, token: str) -> None:
    page = {"signup/confirm_mail.txt": "signup:confirm", "signup/welcome_mail.txt": "signup:welcome"}.get(template)
    link = f"{link_base(operator)}{reverse(page, args=[token])}" if page else f"{link_base(operator)}/sign-in/"
    send(operator, one.email, template, {"link": link, "hours": HOURS})
