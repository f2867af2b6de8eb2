"""The files of devices and providers: text for Asterisk, from a Provision. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from switch_adapters.agent.driver import Refused
from switch_adapters.base import Device, Provider, Provision

ENDPOINT = re.compile(r"[a-z][a-z0-9]{0,31}")
HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\]")
WORD = re.compile(r"[A-Za-z0-9_.+@-]{1,80}")
MD5 = re.compile(r"[0-9a-f]{32}")
SHA256 = re.compile(r"[0-9a-f]{64}")


class Unfit(ValueError):
    """A text that must not stand in Asterisk's configuration; says why."""


@dataclass(frozen=True, slots=True)
class Objects:
    """`devices` and `providers` are the two files' texts; `sentinel` is an object that exists once they are loaded."""

    devices: str
    providers: str
    sentinel: str
    refused: tuple[Refused, ...]


def write_objects(provision: Provision, sentinel: str) -> Objects:
    """One unfit object is left out and named; it never keeps the others from being provisioned."""
    devices, providers, refused = [], [], []
    seen: set[str] = set()
    for one in provision.devices:
        try:
            devices.append(device_text(one, seen))
        except Unfit as problem:
            refused.append(Refused(repr(one.endpoint), str(problem)))
    for other in provision.providers:
        try:
            providers.append(provider_text(other, seen))
        except Unfit as problem:
            refused.append(Refused(repr(other.endpoint), str(problem)))
    # Last in the last file: it is there only if all before it was read.
    providers.append(f"[{sentinel}]\ntype = aor\nmax_contacts = 0\n")
    return Objects("\n".join(devices), "\n".join(providers), sentinel, tuple(refused))


def device_text(device: Device, seen: set[str]) -> str:
    name = _endpoint(device.endpoint, seen)
    username = _match(WORD, device.username, "the username")
    realm = _match(WORD, device.realm, "the realm")
    lines = [
        f"[{name}](device)",
        f"auth = {name}",
        f"aors = {name}",
        f"[{name}](device-auth)",
        f"username = {username}",
        f"realm = {realm}",
        f"password_digest = MD5:{_match(MD5, device.digest_md5, 'the MD5 digest')}",
    ]
    if device.digest_sha256:
        lines += [
            f"password_digest = SHA-256:{_match(SHA256, device.digest_sha256, 'the SHA-256 digest')}",
            "supported_algorithms_uas = MD5,SHA-256",
        ]
    else:
        lines.append("supported_algorithms_uas = MD5")
    return "\n".join([*lines, f"[{name}](device-aor)", ""])


def provider_text(provider: Provider, seen: set[str]) -> str:
    name = _endpoint(provider.endpoint, seen)
    host = _match(HOST, provider.host, "the host")
    if not 0 < provider.port < 65536:
        raise Unfit("the port must lie between 1 and 65535")
    if provider.transport not in ("udp", "tcp"):
        raise Unfit("the transport must be udp or tcp")
    uri = f"sip:{host}:{provider.port}" + ("\\;transport=tcp" if provider.transport == "tcp" else "")
    lines = [f"[{name}](provider)", f"transport = {provider.transport}", f"aors = {name}"]
    auth: list[str] = []
    if provider.username:
        username = _match(WORD, provider.username, "the username")
        lines += [f"outbound_auth = {name}", f"from_user = {username}", f"from_domain = {host}"]
        auth = [
            f"[{name}]",
            "type = auth",
            "auth_type = userpass",
            f"username = {username}",
            f"password = {config_text(provider.secret, 'the secret')}",
        ]
        if provider.register:
            auth += [
                f"[{name}](provider-registration)",
                f"transport = {provider.transport}",
                f"outbound_auth = {name}",
                f"server_uri = {uri}",
                f"client_uri = sip:{username}@{host}:{provider.port}",
            ]
    return "\n".join([*lines, *auth, f"[{name}]", "type = aor", f"contact = {uri}", ""])


def config_text(value: str, what: str) -> str:
    """A value as it may stand behind "name = ". Raises Unfit rather than guess what Asterisk would read."""
    if any(not " " <= mark <= "~" for mark in value):
        raise Unfit(f"{what} may hold only printable ASCII, in one line")
    if "[" in value or "]" in value:
        raise Unfit(f"{what} may not hold a bracket")
    if value != value.strip() or value.startswith(">") or not value:
        raise Unfit(f"{what} may not be empty, nor begin or end with a space, nor begin with >")
    return value.replace(";", "\\;")


def _endpoint(name: str, seen: set[str]) -> str:
    _match(ENDPOINT, name, "the endpoint")
    if name in seen:
        raise Unfit("the endpoint is named twice")
    seen.add(name)
    return name


def _match(pattern: re.Pattern[str], value: str, what: str) -> str:
    if not pattern.fullmatch(value):
        raise Unfit(f"{what} does not look like one")
    return value
