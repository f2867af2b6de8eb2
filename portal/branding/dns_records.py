"""What the DNS says about a domain. Asks the configured resolvers only, and connects to nothing it is told."""

from __future__ import annotations

from dataclasses import dataclass

import dns.exception
import dns.nameserver
import dns.resolver
from django.conf import settings
from django.utils.translation import gettext as _

SECONDS = 5.0


class Silent(Exception):
    """The name servers gave no answer: neither yes nor no."""


@dataclass(frozen=True)
class Seen:
    """`proved`: the TXT record holds the token. `leads_here`: the name points at the target. `problem`: one sentence
    about what is missing. `silent`: nobody answered, so nothing was learnt."""

    proved: bool
    leads_here: bool
    problem: str
    silent: bool = False


def look(name: str, record: str, token: str, target: str) -> Seen:
    """Ask for the TXT record `record` of the domain `name`, and where `name` leads."""
    asked = _resolver()
    try:
        texts = _records(asked, record, "TXT")
    except Silent:
        return Seen(
            False, False, _("The domain's name servers did not answer. We try again by ourselves."), silent=True
        )
    if token not in texts:
        if texts:
            return Seen(False, False, _("The TXT record %(record)s holds something else.") % {"record": record})
        return Seen(False, False, _("There is no TXT record %(record)s yet.") % {"record": record})
    try:
        leads = _leads(asked, name, target)
    except Silent:
        leads = False
    if leads:
        return Seen(True, True, "")
    return Seen(True, False, _("%(name)s does not lead to %(target)s yet.") % {"name": name, "target": target})


def _leads(asked: dns.resolver.Resolver, name: str, target: str) -> bool:
    if f"{target}." in _records(asked, name, "CNAME"):
        return True
    # The top of a zone can't have a CNAME; its addresses must then be ours.
    own = {*_records(asked, name, "A"), *_records(asked, name, "AAAA")}
    return bool(own) and own <= {*_records(asked, target, "A"), *_records(asked, target, "AAAA")}


def _records(asked: dns.resolver.Resolver, name: str, kind: str) -> list[str]:
    try:
        answer = asked.resolve(name, kind, search=False, lifetime=SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.exception.DNSException:
        raise Silent from None
    if kind == "TXT":
        return [b"".join(one.strings).decode("ascii", "replace").strip() for one in answer]
    return [one.to_text().lower() for one in answer]


def _resolver() -> dns.resolver.Resolver:
    if not settings.DNS_RESOLVERS:
        return dns.resolver.Resolver()
    asked = dns.resolver.Resolver(configure=False)
    asked.nameservers = [
        dns.nameserver.Do53Nameserver(address, int(port or 53))
        for address, _at, port in (one.partition("@") for one in settings.DNS_RESOLVERS)
    ]
    return asked
