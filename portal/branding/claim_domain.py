"""Claiming an own domain, giving it up, making it the main one: what pages may do. Verifying is the worker's."""

from __future__ import annotations

import secrets

import idna
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from portal.branding.domain_names import BadDomain, acceptable_domain
from portal.branding.reachable import follow_main_domain, looks_like_another
from tenants.context import current_operator
from tenants.models import Domain

MOST_DOMAINS = 20


def claim_domain(raw: str) -> Domain:
    """Take a name for the operator we are in, with a new random token. Raises BadDomain with one sentence."""
    name = acceptable_domain(raw, [settings.BASE_DOMAIN, settings.CUSTOM_DOMAIN_TARGET, *settings.RESERVED_DOMAINS])
    labels = idna.decode(name).split(".")[:-1]
    if looks_like_another(labels):
        raise BadDomain(_("This looks like somebody else's name, so it can't be added."))
    with connection.cursor() as cursor:
        cursor.execute("select domain_claim(%s, %s, %s)", [name, secrets.token_hex(32), MOST_DOMAINS])
        refused = cursor.fetchone()[0]
    if refused:
        own = Domain.objects.filter(domain=name).exists()
        raise BadDomain(
            {
                "many": _("You have %(most)s domains, and that is as many as there can be."),
                # Never whose: who else is a customer of the platform is nobody's business.
                "taken": _("You have this domain already.") if own else _("This domain is in use elsewhere."),
                "kept": _("This domain was somebody else's until lately and is kept from others for 90 days."),
            }[refused] % {"most": MOST_DOMAINS}
        )  # fmt: skip
    return Domain.objects.get(domain=name)


def release_domain(domain: Domain) -> bool:
    """Give an own domain up. False when it can't be: it was given by the platform, or is the main one."""
    return _ask("select domain_release(%s)", domain)


def make_main(domain: Domain) -> bool:
    """Links, mails and the website go by this domain from now on. False when it isn't verified."""
    if not _ask("select domain_make_primary(%s)", domain):
        return False
    follow_main_domain(current_operator().pk)
    return True


def _ask(question: str, domain: Domain) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, [domain.pk])
        return bool(cursor.fetchone()[0])
