"""Mail addresses and networks, as the limits and the uniqueness of sign-ups see them."""

from __future__ import annotations

import ipaddress
import unicodedata

from django.db.models.functions import Lower

from portal.people.models import Customer, User


def mail_key(address: str) -> str:
    """Two addresses that differ in case only, or in how a letter is composed, are one."""
    return unicodedata.normalize("NFKC", address.strip()).casefold()


def is_known(key: str) -> bool:
    """Whether anybody here has this address, or signs in by it."""
    if User.objects.annotate(low=Lower("email")).filter(low=key).exists():
        return True
    if User.objects.annotate(low_name=Lower("username")).filter(low_name=key).exists():
        return True
    return Customer.objects.annotate(low=Lower("email")).filter(low=key).exists()


def is_refused(address: str, refused: str) -> bool:
    """Whether the address's domain, or one above it, stands in `refused` (one a line)."""
    domain = address.rpartition("@")[2].strip().rstrip(".").casefold()
    try:
        spelled = {domain, domain.encode("idna").decode("ascii")}
    except UnicodeError:
        spelled = {domain}
    known = {line.strip().lstrip("@").rstrip(".").casefold() for line in refused.splitlines()} - {""}
    return any(one == bad or one.endswith(f".{bad}") for one in spelled for bad in known)


def network_of(ip: str | None) -> str:
    """What counts as one place: an IPv4 address, or the /64 that one line of IPv6 gets."""
    try:
        address = ipaddress.ip_address(ip or "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
