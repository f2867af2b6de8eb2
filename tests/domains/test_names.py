"""Which names may be brought as an own domain, and how they are spelled."""

from __future__ import annotations

import pytest

from portal.branding.domain_names import BadDomain, acceptable_domain

OURS = ["tandem.example", "portal.provider.net"]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("voice.acme.com", "voice.acme.com"),
        ("  Voice.ACME.com. ", "voice.acme.com"),
        ("müller.de", "xn--mller-kva.de"),
        ("XN--MLLER-KVA.de", "xn--mller-kva.de"),
        ("例え.jp", "xn--r8jz45g.jp"),
        ("acme.co.uk", "acme.co.uk"),
        ("acme.io", "acme.io"),
        ("mytandem.example", "mytandem.example"),
        ("1and1.com", "1and1.com"),
    ],
)
def test_good_names_have_one_spelling(written, kept):
    assert acceptable_domain(written, OURS) == kept


@pytest.mark.parametrize(
    "written",
    [
        "", " ", "com", "localhost", "acme.localhost", "acme.local", "a.internal", "co.uk", "com.au", "org.pl",
        "github.io", "127.0.0.1", "127.1", "0x7f.1", "2130706433", "[::1]", "::1", "1.2.3.4.", "acme.123", "acme.0x7f",
        "tandem.example", "x.tandem.example", "TANDEM.example.", "portal.provider.net", "a.b.portal.provider.net",
        "https://acme.com", "acme.com/", "acme.com:443", "user@acme.com", "*.acme.com", "_portal.acme.com", "a b.com",
        "-acme.com", "acme-.com", "acme..com", ".acme.com", "a" * 64 + ".com", ("a" * 60 + ".") * 5 + "com", "xn--.com",
        "xn--0.com", "acme.com\n.evil.com", "acme\x00.com", "ac\u202eme.com", "аcme.com",
        "gοοgle.com", "<script>.com", "acme.com'--", "acme．com/x",
    ],
)  # fmt: skip
def test_other_names_are_refused_in_one_sentence(written):
    with pytest.raises(BadDomain) as refused:
        acceptable_domain(written, OURS)
    text = str(refused.value)
    assert text.endswith(".") and len(text) < 120 and "\n" not in text


def test_a_wide_dot_is_a_dot():
    assert acceptable_domain("acme．com", OURS) == "acme.com"
    with pytest.raises(BadDomain):
        acceptable_domain("tandem．example", OURS)
