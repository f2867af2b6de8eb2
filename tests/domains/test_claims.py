"""Claiming, releasing and choosing domains: whose they are is decided by the database."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client

from portal.branding.check_domain import check_domain
from portal.branding.claim_domain import MOST_DOMAINS, claim_domain, make_main, release_domain
from portal.branding.domain_names import BadDomain
from portal.branding.tasks import recheck_domains
from tenants.context import in_operator
from tenants.lookup import operator_by_id, operator_for_host
from tenants.models import Branding, Domain, ReleasedDomain

NAME = "voice.acme.example"


def status(host: str) -> int:
    return Client(headers={"host": host}).get("/sign-in/").status_code


def owners(model=Domain):
    return model.objects.using("owner")


def test_a_claim_routes_nowhere_until_it_is_proved(open_house, claimed, names):
    domain = claimed(open_house.acme)
    assert domain.state == "pending" and len(domain.token) == 64
    assert status(NAME) == 404
    assert check_domain(domain.pk).state == "pending"
    assert status(NAME) == 404


def test_every_claim_has_a_token_of_its_own(open_house, claimed):
    first, second = claimed(open_house.acme, "a.acme.example"), claimed(open_house.acme, "b.acme.example")
    assert first.token != second.token


def test_two_who_claim_at_once_one_wins(open_house):
    for turn in range(5):
        won, lost, errors = [], [], []
        start = threading.Barrier(2)

        def claim(operator, name=f"race{turn}.example", won=won, lost=lost, errors=errors, start=start):
            try:
                with in_operator(operator):
                    start.wait()
                    won.append(claim_domain(name).tenant_id)
            except BadDomain as refused:
                lost.append(str(refused))
            except BaseException as error:
                errors.append(error)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=claim, args=(one,)) for one in (open_house.acme, open_house.beta)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(won), lost, errors) == (1, ["This domain is in use elsewhere."], [])
        assert owners().filter(domain=f"race{turn}.example").count() == 1


def test_what_another_has_is_refused_without_saying_who(open_house, claimed):
    claimed(open_house.acme)
    for name in (NAME, NAME.upper(), f"{NAME}."):
        with in_operator(open_house.beta), pytest.raises(BadDomain) as refused:
            claim_domain(name)
        assert str(refused.value) == "This domain is in use elsewhere."
    with in_operator(open_house.acme), pytest.raises(BadDomain, match="You have this domain already"):
        claim_domain(NAME)


def test_the_platform_s_own_names_are_not_to_be_had(open_house, settings):
    settings.BASE_DOMAIN, settings.RESERVED_DOMAINS = "portal.example", ["status.example"]
    for name in ("portal.example", "acme.portal.example", "www.status.example"):
        with in_operator(open_house.acme), pytest.raises(BadDomain, match="not to be had"):
            claim_domain(name)


@pytest.mark.parametrize(
    "name", ["betav0ice.example", "ветаvoice.example", "βeta-voice.example", "xn--80ak6aa92e.example"]
)
def test_a_name_that_passes_for_another_operator_s_is_refused(open_house, name):
    with in_operator(open_house.beta):
        Branding.objects.get(pk=open_house.beta.pk).save()
    if name.startswith("xn--"):  # "аррӏе", all Cyrillic
        with in_operator(open_house.beta):
            look = Branding.objects.get(pk=open_house.beta.pk)
            look.name = "Apple"
            look.save()
    with in_operator(open_house.acme), pytest.raises(BadDomain):
        claim_domain(name)
    assert not owners().exclude(token="").exists()


def test_there_is_an_end_to_how_many(open_house):
    with in_operator(open_house.acme):
        for number in range(MOST_DOMAINS):
            claim_domain(f"n{number}.acme.example")
        with pytest.raises(BadDomain, match="as many as there can be"):
            claim_domain("one.more.example")


def test_the_web_role_can_not_verify_or_take_by_writing_rows(open_house, claimed):
    domain = claimed(open_house.acme)
    tried = (
        "update tenants_domain set verified_at = now()",
        f"update tenants_domain set tenant_id = {open_house.beta.pk}",
        "insert into tenants_domain (domain, tenant_id, is_primary, verified_at, token, created_at, failures, problem)"
        f" values ('mine.example', {open_house.acme.pk}, false, now(), '', now(), 0, '')",
        "delete from tenants_domain",
        "delete from tenants_releaseddomain",
        "insert into tenants_releaseddomain (domain, operator_id, released_at) values ('x.example', 1, now())",
    )
    for sql in tried:
        with in_operator(open_house.acme), pytest.raises(DatabaseError, match="permission denied"):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql)
    assert owners().get(pk=domain.pk).verified_at is None


def test_nobody_touches_another_operator_s_domain(open_house, claimed):
    domain = claimed(open_house.acme, prove=True)
    with in_operator(open_house.beta):
        assert not release_domain(domain)
        assert not make_main(domain)
        assert not Domain.objects.filter(pk=domain.pk).exists()
    assert owners().get(pk=domain.pk).tenant_id == open_house.acme.pk


def test_the_main_domain_is_where_links_mails_and_the_website_are(open_house, claimed):
    from wagtail.models import Site

    from portal.people.mail import link_base, sender

    domain = claimed(open_house.acme, prove=True)
    with in_operator(open_house.acme):
        assert make_main(domain)
    acme = operator_for_host("acme.localhost")
    assert acme.main_domain == NAME
    assert link_base(acme).startswith(f"http://{NAME}") and sender(acme).endswith(f"<no-reply@{NAME}>")
    with in_operator(acme):
        assert Site.objects.get().hostname == NAME
        assert Domain.objects.filter(is_primary=True).count() == 1
        assert not release_domain(domain), "the main one stays until another is"
    assert status("acme.localhost") == status(NAME) == 200


def test_an_unproved_domain_is_never_the_main_one(open_house, claimed):
    domain = claimed(open_house.acme)
    with in_operator(open_house.acme):
        assert not make_main(domain)
    assert operator_by_id(open_house.acme.pk).main_domain == "acme.localhost"


def test_a_given_domain_stays(open_house):
    with in_operator(open_house.acme):
        given = Domain.objects.get()
        assert given.is_given and given.state == "active"
        assert not release_domain(given)


def test_a_released_domain_is_kept_from_others_for_90_days_but_not_from_its_owner(open_house, claimed):
    domain = claimed(open_house.acme, prove=True)
    with in_operator(open_house.acme):
        assert release_domain(domain)
    assert status(NAME) == 404
    with in_operator(open_house.beta), pytest.raises(BadDomain, match="90 days"):
        claim_domain(NAME)
    assert not owners().filter(domain=NAME).exists()
    with in_operator(open_house.acme):
        assert release_domain(claim_domain(NAME)), "who had it may have it again"
    tomb = owners(ReleasedDomain).get()
    owners(ReleasedDomain).update(released_at=tomb.released_at - timedelta(days=91))
    with in_operator(open_house.beta):
        assert claim_domain(NAME).state == "pending"
    assert status(NAME) == 404, "it must be proved anew"


def test_a_claim_never_proved_is_free_at_once_when_given_up_and_lapses_when_forgotten(open_house, claimed):
    domain = claimed(open_house.acme)
    with in_operator(open_house.acme):
        assert release_domain(domain)
    again = claimed(open_house.beta)
    owners().filter(pk=again.pk).update(created_at=again.created_at - timedelta(days=15))
    recheck_domains(0)
    assert not owners().filter(domain=NAME).exists()
    assert not owners(ReleasedDomain).exists()


def test_a_domain_of_a_closed_or_dropped_operator_routes_nowhere_and_is_kept(open_house, claimed):
    from tenants.models import Operator

    domain = claimed(open_house.acme, prove=True)
    assert status(NAME) == 200
    owners(Operator).filter(pk=open_house.acme.pk).update(state="closed")
    assert status(NAME) == 404
    with in_operator(open_house.beta), pytest.raises(BadDomain):
        claim_domain(NAME)
    owners().filter(pk=domain.pk).delete()
    with in_operator(open_house.beta), pytest.raises(BadDomain, match="90 days"):
        claim_domain(NAME)
