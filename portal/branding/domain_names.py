"""Which names an operator may bring as its own domain, and their one spelling.

Public suffixes go by a small rule of our own instead of a list from the net: a name needs a dot, two labels are not
enough where the second level is a registry's (`co.uk`, `com.au`), and neither is a name right under a hosting company's
shared suffix. Whatever slips through can't be proved by its TXT record anyway.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable

import idna
from django.utils.translation import gettext as _

from tenants.look_alikes import mixes_alphabets

LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
REGISTRY = {
    "ac", "co", "com", "edu", "firm", "gen", "go", "gob", "gouv", "gov", "govt", "id", "ind", "info", "ltd", "me",
    "mil", "ne", "net", "nhs", "nom", "or", "org", "plc", "police", "sch", "web",
}  # fmt: skip
SHARED = {
    "amazonaws.com", "appspot.com", "azurewebsites.net", "blogspot.com", "cloudfront.net", "fly.dev", "github.io",
    "gitlab.io", "herokuapp.com", "netlify.app", "ngrok.io", "onrender.com", "pages.dev", "vercel.app", "web.app",
    "workers.dev",
}  # fmt: skip
# RFC 6761, RFC 8375, RFC 9476: names that never have an owner in the public DNS.
SPECIAL = {"localhost", "local", "internal", "invalid", "onion", "arpa", "alt", "lan", "home", "corp"}


class BadDomain(ValueError):
    """The name can't be an operator's domain; the text is one sentence saying why."""


def acceptable_domain(raw: str, ours: Iterable[str] = ()) -> str:
    """The name as the Domain table spells it: lower case, IDNA 2008. Raises BadDomain.

    `ours` are names that belong to the platform, with all below them.
    """
    written = unicodedata.normalize("NFC", raw.strip().lower()).removesuffix(".")
    if not written or len(written) > 253 or re.search(r"[\s/\\:@?#*_%,;'\"<>()\[\]]", written):
        raise BadDomain(_("Write only the name, such as voice.example.com."))
    if _is_address(written):
        raise BadDomain(_("An address of numbers can't be a domain: use a name."))
    try:
        name = idna.encode(written, uts46=True, std3_rules=True).decode("ascii").lower()
        shown = idna.decode(name)
    except (idna.IDNAError, UnicodeError):
        raise BadDomain(_("This is not a domain name: check its spelling.")) from None
    labels = name.split(".")
    if len(name) > 253 or not all(LABEL.fullmatch(label) for label in labels) or _is_address(name):
        raise BadDomain(_("This is not a domain name: check its spelling."))
    if labels[-1] in SPECIAL:
        raise BadDomain(_("Names that end in .%(end)s can't be reached from outside.") % {"end": labels[-1]})
    if any(name == one or name.endswith(f".{one}") for one in (base.lower().strip(".") for base in ours) if one):
        raise BadDomain(_("This name is not to be had: it belongs to the service itself."))
    if len(labels) < 2 or name in SHARED or (len(labels) == 2 and len(labels[1]) == 2 and labels[0] in REGISTRY):
        raise BadDomain(_("Many people's names are below this one: use one that is yours alone."))
    if any(mixes_alphabets(label) for label in shown.split(".")):
        raise BadDomain(_("The name mixes letters of several alphabets, as forgers do: use one alphabet."))
    return name


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        # Also the old spellings that browsers still read: 2130706433, 0x7f.1, 127.1.
        return re.fullmatch(r"(0x[0-9a-f]*|[0-9]+)", name.rsplit(".", 1)[-1]) is not None
    return True
