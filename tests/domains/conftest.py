from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.domains.name_server import NameServer, name_server


@pytest.fixture
def names(settings) -> Iterator[NameServer]:
    """The name server that the worker asks in this test."""
    with name_server() as server:
        settings.DNS_RESOLVERS = [server.address]
        yield server


@pytest.fixture
def claimed(open_house, names):
    """`claimed(operator, name)` is an own domain, claimed; `prove=True` writes its records and lets the worker look."""
    from portal.branding.check_domain import check_domain
    from portal.branding.claim_domain import claim_domain
    from tenants.context import in_operator

    def make(operator, name: str = "voice.acme.example", prove: bool = False):
        with in_operator(operator):
            domain = claim_domain(name)
        if prove:
            names.txt(domain.record_name, domain.token)
            names.cname(domain.domain, operator.main_domain)
            return check_domain(domain.pk)
        return domain

    return make
