"""Which operator a request is for, from its host alone."""

from __future__ import annotations

import pytest
from django.test import Client

from tenants.context import in_operator
from tenants.lookup import normalised_host


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("acme.localhost", "acme.localhost"),
        ("ACME.Localhost:8000", "acme.localhost"),
        ("acme.localhost.", "acme.localhost"),
        ("acme.localhost.:8000", "acme.localhost"),
        ("[::1]:8000", "[::1]"),
        ("müller.example", "xn--mller-kva.example"),
    ],
)  # fmt: skip
def test_hosts_are_compared_in_one_spelling(raw, expected):
    assert normalised_host(raw) == expected


@pytest.mark.parametrize(
    "host",
    ["evil.example", "www.acme.localhost", "acme.localhost.evil.example", "127.0.0.1", "xn--", "acme_.localhost", ""],
)
def test_an_unknown_host_is_404_or_400_and_nobody_s_brand(house, host):
    answer = Client(headers={"host": host}).get("/sign-in/")
    assert answer.status_code in (400, 404)
    for name in (b"Northwind", b"Acme", b"Beta", b"brand.css"):
        assert name not in answer.content


def test_a_forwarded_host_counts_for_nothing(house):
    answer = Client(headers={"host": "evil.example", "x-forwarded-host": "acme.localhost"}).get("/sign-in/")
    assert answer.status_code == 404


def test_a_known_host_shows_its_own_brand_only(house):
    for own, others in (("acme", (b"Beta Voice", b"Northwind")), ("beta", (b"Acme Telecom", b"Northwind"))):
        answer = Client(headers={"host": f"{own}.localhost"}).get("/sign-in/")
        assert answer.status_code == 200
        assert getattr(house, own).name.encode() in answer.content
        assert not any(name in answer.content for name in others)


def test_an_unverified_domain_routes_nowhere(open_house):
    from django.db import connections

    from tenants.models import Domain

    connections["owner"].set_schema_to_public()
    Domain(tenant_id=open_house.acme.pk, domain="soon.example", is_primary=False).save_base(using="owner")
    assert Client(headers={"host": "soon.example"}).get("/sign-in/").status_code == 404


def test_a_secret_sealed_in_one_schema_opens_in_no_other(house):
    from tenants.encryption import Undecryptable, seal, unseal

    sealed = seal("hush", f"{house.acme.schema_name}/t/c")
    assert unseal(sealed, f"{house.acme.schema_name}/t/c") == "hush"
    for elsewhere in (f"{house.beta.schema_name}/t/c", f"{house.acme.schema_name}/t/other"):
        with pytest.raises(Undecryptable):
            unseal(sealed, elsewhere)
    with pytest.raises(Undecryptable):
        unseal(sealed[:-4] + "AAA=", f"{house.acme.schema_name}/t/c")


def test_a_stored_secret_is_not_in_the_database_in_clear(house):
    from portal.devices.models import Device
    from portal.people.models import Customer

    with in_operator(house.acme):
        Device.objects.create(customer=Customer.objects.first(), name="x", digest_md5="0123456789abcdef" * 2)
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("select digest_md5 from devices_device where name = 'x'")
            assert "0123456789abcdef" not in cursor.fetchone()[0]
        assert Device.objects.get(name="x").digest_md5 == "0123456789abcdef" * 2
