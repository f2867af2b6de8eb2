"""Phones register by digest, with MD5 or SHA-256, and a changed secret counts from the next provisioning on."""

from __future__ import annotations

import hashlib
import re
import socket

import pytest

from switch_adapters.base import CommandKind, Provider
from switch_adapters.lab.exchange_double import ExchangeDouble, device
from switch_adapters.lab.sipp import Phone
from switch_adapters.lab.stand import Stand, eventually
from tests.switch_adapters.conftest import SECRET

pytestmark = pytest.mark.lab


def _registers(stand: Stand, identity: str, secret: str) -> bool:
    return stand.phones("register.xml", [Phone(identity, secret)]).wait(20) == 0


def test_the_right_secret_registers_and_a_wrong_one_or_an_unknown_device_does_not(stand: Stand) -> None:
    assert _registers(stand, "d100001", SECRET)
    assert not _registers(stand, "d100001", "wrong")
    assert not _registers(stand, "d999999", SECRET)


def test_a_phone_may_answer_the_challenge_with_sha_256(stand: Stand) -> None:
    assert _register_sha256(stand.asterisk.layout.ports.sip, "d100001", SECRET) == 200
    assert _register_sha256(stand.asterisk.layout.ports.sip, "d100001", "wrong") == 401


def test_a_changed_secret_counts_after_a_provision_command(stand: Stand, exchange: ExchangeDouble) -> None:
    assert _registers(stand, "d100001", SECRET)
    exchange.devices = (device("d100001", "another"), device("d100002", "second"))
    exchange.version += 1
    exchange.command(CommandKind.PROVISION)
    assert eventually(lambda: (stand.agent.health() or {}).get("provisioned") == "2")
    assert not _registers(stand, "d100001", SECRET)
    assert _registers(stand, "d100001", "another")
    assert _registers(stand, "d100002", "second")


def test_one_unfit_provider_does_not_keep_the_others_out(stand: Stand, exchange: ExchangeDouble) -> None:
    exchange.devices += (device("d100003", "third"),)
    exchange.providers += (Provider("p9", "127.0.0.1", 5060, username="u", secret="a\n[evil]\ntype=endpoint"),)
    exchange.version += 1
    exchange.command(CommandKind.PROVISION)
    assert eventually(lambda: (stand.agent.health() or {}).get("provisioned") == "2")
    assert _registers(stand, "d100003", "third")
    assert "evil" not in (stand.asterisk.layout.etc / "pjsip_providers.conf").read_text()
    assert "'p9' was not provisioned: the secret may hold only printable ASCII, in one line" in stand.agent.log()
    assert "Unable to find object" in stand.asterisk.rasterisk("pjsip show endpoint p9")


def test_a_provider_that_wants_it_is_registered_with(stand: Stand, exchange: ExchangeDouble) -> None:
    registrar = ("127.0.0.1", stand.asterisk.layout.ports.sip)  # any registrar does: here the node itself
    exchange.devices += (device("d100004", "fourth"),)
    exchange.providers += (Provider("p8", *registrar, username="d100004", secret="fourth", register=True),)
    exchange.version += 1
    exchange.command(CommandKind.PROVISION)
    assert eventually(lambda: (stand.agent.health() or {}).get("provisioned") == "2")
    assert eventually(lambda: " Registered" in stand.asterisk.rasterisk("pjsip show registrations"), 15, 0.3)
    exchange.providers = exchange.providers[:-1]
    exchange.version += 1
    exchange.command(CommandKind.PROVISION)
    assert eventually(lambda: "p8/" not in stand.asterisk.rasterisk("pjsip show registrations"), 15, 0.3)


def test_secrets_of_devices_never_reach_the_media_server_in_clear(stand: Stand) -> None:
    for file in stand.asterisk.layout.etc.iterdir():
        assert SECRET not in file.read_text(), file.name
        assert file.stat().st_mode & 0o077 == 0, file.name


def _register_sha256(port: int, identity: str, secret: str) -> int:
    """A REGISTER by RFC 8760 over UDP; the final status code."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind(("127.0.0.1", 0))
        link.settimeout(3)
        own = link.getsockname()[1]

        def send(number: int, extra: str) -> str:
            lines = [
                f"REGISTER sip:127.0.0.1:{port} SIP/2.0",
                f"Via: SIP/2.0/UDP 127.0.0.1:{own};branch=z9hG4bKsha{number}{own}",
                f"From: <sip:{identity}@sip>;tag=sha{own}",
                f"To: <sip:{identity}@sip>",
                f"Call-ID: sha{own}",
                f"CSeq: {number} REGISTER",
                f"Contact: <sip:{identity}@127.0.0.1:{own}>",
                "Max-Forwards: 70",
                "Expires: 300",
                *([extra] if extra else []),
                "Content-Length: 0",
            ]
            link.sendto(("\r\n".join(lines) + "\r\n\r\n").encode(), ("127.0.0.1", port))
            return link.recv(65535).decode()

        challenge = send(1, "")
        (offered,) = re.findall(r"WWW-Authenticate: (Digest .*algorithm=SHA-256.*)\r", challenge)
        realm, nonce, opaque = (
            re.search(rf'{name}="([^"]*)"', offered).group(1) for name in ("realm", "nonce", "opaque")
        )  # type: ignore[union-attr]

        def h(text: str) -> str:
            return hashlib.sha256(text.encode()).hexdigest()

        uri = f"sip:127.0.0.1:{port}"
        ha1, ha2 = h(f"{identity}:{realm}:{secret}"), h(f"REGISTER:{uri}")
        response = h(f"{ha1}:{nonce}:00000001:abcdef:auth:{ha2}")
        answer = send(
            2,
            f'Authorization: Digest username="{identity}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
            f'response="{response}", algorithm=SHA-256, cnonce="abcdef", opaque="{opaque}", qop=auth, nc=00000001',
        )
        return int(answer.split()[1])
