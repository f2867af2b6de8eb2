"""The worker looks at the DNS: a real resolver, a real name server on loopback."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from portal.branding import dns_records
from portal.branding.check_domain import check_domain
from portal.branding.tasks import check_claims, check_now, recheck_domains
from tenants.context import in_operator
from tenants.lookup import operator_by_id
from tenants.models import Domain

NAME = "voice.acme.example"


def status(host: str = NAME) -> int:
    return Client(headers={"host": host}).get("/sign-in/").status_code


def owners():
    return Domain.objects.using("owner")


def test_the_txt_record_verifies_and_the_cname_activates(open_house, claimed, names):
    domain = claimed(open_house.acme)
    names.txt(domain.record_name, "something else", domain.token)
    seen = check_domain(domain.pk)
    assert (seen.state, seen.problem) == ("verified", f"{NAME} does not lead to acme.localhost yet.")
    assert status() == 200
    names.cname(NAME, "acme.localhost")
    seen = check_domain(domain.pk)
    assert (seen.state, seen.problem) == ("active", "")
    assert names.asked[0] == (f"_portal.{NAME}", "TXT")


def test_at_the_top_of_a_zone_the_same_addresses_do(open_house, claimed, names):
    domain = claimed(open_house.acme, "acme.example")
    names.txt(domain.record_name, domain.token)
    names.records[("acme.localhost", "A")] = ["192.0.2.1", "192.0.2.2"]
    names.records[("acme.example", "A")] = ["192.0.2.2"]
    assert check_domain(domain.pk).state == "active"
    names.records[("acme.example", "A")] = ["192.0.2.2", "198.51.100.9"]
    assert check_domain(domain.pk).state == "verified"


def test_somebody_else_s_token_proves_nothing(open_house, claimed, names):
    domain, other = claimed(open_house.acme), claimed(open_house.beta, "other.example")
    names.txt(domain.record_name, other.token)
    seen = check_domain(domain.pk)
    assert (seen.state, seen.problem) == ("pending", f"The TXT record _portal.{NAME} holds something else.")


@pytest.mark.parametrize("trouble", ["mute", "broken"])
def test_name_servers_that_do_not_answer_verify_nothing_and_take_nothing_away(
    open_house, claimed, names, monkeypatch, trouble
):
    monkeypatch.setattr(dns_records, "SECONDS", 0.5)
    waiting, running = claimed(open_house.acme, "new.example"), claimed(open_house.acme, prove=True)
    setattr(names, trouble, True)
    for _ in range(4):
        assert check_domain(waiting.pk).state == "pending"
        seen = check_domain(running.pk)
        assert seen.verified_at is not None and "did not answer" in seen.problem
    assert status() == 200
    owners().filter(pk=running.pk).update(proved_at=seen.proved_at - timedelta(days=8))
    assert check_domain(running.pk).state == "failed"
    assert status() == 404


def test_a_removed_record_suspends_routing_at_the_third_check_and_the_operator_is_told(open_house, claimed, names):
    from portal.branding.claim_domain import make_main

    domain = claimed(open_house.acme, prove=True)
    with in_operator(open_house.acme):
        assert make_main(domain)
    del names.records[(domain.record_name, "TXT")]
    for day in range(3):
        assert status() == 200, f"day {day}"
        assert mail.outbox == []
        assert recheck_domains(0) == 1
    assert status() == 404
    lost = owners().get(pk=domain.pk)
    assert (lost.state, lost.problem) == ("failed", f"There is no TXT record _portal.{NAME} yet.")
    acme = operator_by_id(open_house.acme.pk)
    assert acme.main_domain == "acme.localhost", "the given address stands in"
    (told,) = mail.outbox
    assert told.to == ["rita@acme.localhost"] and told.subject == f"{NAME} is no longer yours here"
    assert domain.token in told.body and "acme.localhost" in told.body
    assert "no-reply@acme.localhost" in told.from_email
    # It comes back by itself when the record does, as the main one it was.
    names.txt(domain.record_name, domain.token)
    assert recheck_domains(0) == 1
    assert status() == 200 and operator_by_id(open_house.acme.pk).main_domain == NAME


def test_two_misses_and_a_hit_begin_anew(open_house, claimed, names):
    domain = claimed(open_house.acme, prove=True)
    for _ in range(3):
        kept = names.records.pop((domain.record_name, "TXT"))
        assert check_domain(domain.pk).failures == 1
        assert check_domain(domain.pk).failures == 2
        names.records[(domain.record_name, "TXT")] = kept
        assert check_domain(domain.pk).failures == 0
    assert status() == 200


def test_claims_are_checked_by_the_clock_and_one_s_trouble_stops_no_other(open_house, claimed, names, monkeypatch):
    bad, good = claimed(open_house.acme, "bad.example"), claimed(open_house.beta, "good.example")
    names.txt(good.record_name, good.token)
    asked = dns_records.look

    def look(name, *rest):
        if name == "bad.example":
            raise RuntimeError("out of the blue")
        return asked(name, *rest)

    monkeypatch.setattr("portal.branding.check_domain.look", look)
    assert check_claims(0) == 1
    assert owners().get(pk=good.pk).state == "verified" and owners().get(pk=bad.pk).state == "pending"


def test_a_domain_given_up_while_it_is_looked_up_stays_gone(open_house, claimed, names, monkeypatch):
    domain = claimed(open_house.acme)
    names.txt(domain.record_name, domain.token)
    asked = dns_records.look

    def look(*question):
        owners().filter(pk=domain.pk).update(token="f" * 64)  # given up and claimed anew meanwhile
        return asked(*question)

    monkeypatch.setattr("portal.branding.check_domain.look", look)
    assert check_domain(domain.pk) is None
    assert owners().get(pk=domain.pk).verified_at is None


def test_a_job_for_another_operator_s_domain_looks_up_nothing(open_house, claimed, names):
    domain = claimed(open_house.acme)
    names.asked.clear()
    check_now(operator_id=open_house.beta.pk, domain_id=domain.pk)
    assert names.asked == []
    check_now(operator_id=open_house.acme.pk, domain_id=domain.pk)
    assert names.asked != []


def test_checking_connects_to_nothing_but_the_configured_resolvers(open_house, claimed, names, monkeypatch):
    """Records that point inside (loopback, metadata, rebinding) are read and never followed."""
    import socket

    domain = claimed(open_house.acme)
    names.txt(domain.record_name, domain.token)
    names.records[(NAME, "A")] = ["127.0.0.1", "169.254.169.254", "10.0.0.1"]
    names.records[(NAME, "AAAA")] = ["::1", "::ffff:127.0.0.1"]
    opened = []
    connect, send = socket.socket.connect, socket.socket.sendto
    monkeypatch.setattr(socket.socket, "connect", lambda self, place: (opened.append(place), connect(self, place))[1])
    monkeypatch.setattr(
        socket.socket, "sendto", lambda self, data, place: (opened.append(place), send(self, data, place))[1]
    )
    assert check_domain(domain.pk).state == "verified"
    ports = {
        place[1] for place in opened if isinstance(place, tuple) and place[0] != "127.0.0.1" or place[1] == names.port
    }
    assert {place[0] for place in opened if isinstance(place, tuple)} == {"127.0.0.1"} and names.port in ports
