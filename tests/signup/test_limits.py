"""Three an hour from one place, so many an hour at all, no thrown-away mailboxes, no flood into anybody's mailbox."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from portal.signup.addresses import is_refused, network_of
from portal.signup.models import SignUp
from tenants.context import in_operator


def test_the_fourth_in_an_hour_from_one_place_is_refused(house, browser_for, kit):
    kit.open(house.acme)
    nora = browser_for(house.acme)
    for number in range(3):
        assert kit.sign_up(nora, email=f"n{number}@example.org").status_code == 302
    fourth = kit.sign_up(nora, email="n4@example.org")
    assert fourth.status_code == 429
    assert "from your connection" in fourth.content.decode()
    # Known addresses don't get round it, and it tells nothing about them.
    assert kit.sign_up(nora, email="carla@acme.localhost").status_code == 429
    assert len(kit.mails) == 3
    assert kit.sign_up(nora, email="n4@example.org", ip="192.0.2.11").status_code == 302
    kit.open(house.beta)
    assert kit.sign_up(browser_for(house.beta), email="n4@example.org").status_code == 302
    with in_operator(house.acme):
        SignUp.objects.update(created_at=timezone.now() - timedelta(minutes=61))
    assert kit.sign_up(nora, email="n5@example.org").status_code == 302


def test_a_header_that_anybody_can_send_is_not_believed(house, browser_for, kit):
    kit.open(house.acme)
    nora = browser_for(house.acme)
    codes = [
        nora.post(
            "/sign-up/", kit.filled(email=f"n{number}@example.org"), REMOTE_ADDR="192.0.2.10",
            headers={"x-forwarded-for": f"198.51.100.{number}", "x-real-ip": f"198.51.100.{number}"},
        ).status_code
        for number in range(4)
    ]  # fmt: skip
    assert codes == [302, 302, 302, 429]


def test_a_line_of_ipv6_is_one_place(house, browser_for, kit):
    kit.open(house.acme)
    nora = browser_for(house.acme)
    codes = [
        kit.sign_up(nora, email=f"n{number}@example.org", ip=f"2001:db8:1:2::{number}").status_code
        for number in range(1, 5)
    ]
    assert codes == [302, 302, 302, 429]
    assert kit.sign_up(nora, email="other@example.org", ip="2001:db8:1:3::1").status_code == 302


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:db8::1", "2001:db8::/64"),
        ("", "unknown"), (None, "unknown"), ("junk", "unknown"),
    ],
)  # fmt: skip
def test_places(ip, network):
    assert network_of(ip) == network


def test_an_operator_takes_so_many_an_hour(house, browser_for, kit):
    kit.open(house.acme, most_an_hour=4)
    nora = browser_for(house.acme)
    codes = [
        kit.sign_up(nora, email=f"n{number}@example.org", ip=f"192.0.2.{number}").status_code for number in range(5)
    ]
    assert codes == [302] * 4 + [429]


def test_parallel_ones_count_each_other(open_house, browser_for, kit):
    kit.open(open_house.acme)
    codes, start = [], threading.Barrier(6)

    def go(number: int) -> None:
        browser = browser_for(open_house.acme)
        start.wait()
        try:
            codes.append(kit.sign_up(browser, email=f"n{number}@example.org").status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [302] * 3 + [429] * 3


def test_a_mailbox_is_no_toy(house, browser_for, kit):
    kit.open(house.acme, most_an_hour=100)
    nora = browser_for(house.acme)
    answers = [kit.sign_up(nora, email="victim@example.org", ip=f"192.0.2.{number}") for number in range(6)]
    assert {(one.status_code, one.headers["location"]) for one in answers} == {(302, "/sign-up/sent/")}
    assert len(kit.mails) == 3


@pytest.mark.parametrize(
    ("address", "refused"),
    [
        ("a@mailinator.com", True), ("a@MAILINATOR.COM", True), ("a@sub.mailinator.com", True),
        ("a@notmailinator.com", False), ("a@mailinator.com.example", False), ("a@bücher.example", True),
        ("a@xn--bcher-kva.example", False),
    ],
)  # fmt: skip
def test_thrown_away_mailboxes(address, refused):
    assert is_refused(address, "Mailinator.com\n\n @xn--bcher-kva.example.\nbücher.example") is (
        refused or "xn--" in address
    )


def test_the_list_of_refused_mail_is_the_operator_s_own(house, browser_for, kit):
    kit.open(house.acme)
    nora = browser_for(house.acme)
    answer = kit.sign_up(nora, email="nora@yopmail.com")
    assert answer.status_code == 422
    assert "thrown away" in answer.content.decode()
    kit.open(house.acme, refused_mail="example.org")
    assert kit.sign_up(nora, email="nora@yopmail.com").status_code == 302
    assert kit.sign_up(nora, email="nora@example.org").status_code == 422


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"email": "nora"}, "valid email"), ({"email": "nora@example.org\nBcc: all@example.org"}, "valid email"),
        ({"email": "n" * 150 + "@example.org"}, "at most 150"), ({"email": ""}, "required"),
        ({"password": "short"}, "too short"), ({"password": "password123"}, "too common"),
        ({"password": "nora@example.org"}, "too similar"), ({"password": "x" * 257}, "at most 256"),
        ({"country": "XX"}, "Select a valid choice"), ({"country": ""}, "required"),
        ({"first_name": "=cmd()"}, "begin a name with ="), ({"last_name": "a\x00b"}, "Null characters"),
        ({"first_name": "a\nb"}, "leave out"), ({"last_name": "x" * 61}, "at most 60"),
        ({"company": "‮evil"}, "leave out"),
    ],
)  # fmt: skip
def test_bad_input_gets_a_sentence_and_leaves_no_row(house, browser_for, kit, wrong, sentence):
    kit.open(house.acme)
    answer = kit.sign_up(browser_for(house.acme), **wrong)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert kit.filled()["password"] not in answer.content.decode()
    with in_operator(house.acme):
        assert not SignUp.objects.exists()


def test_script_in_a_field_is_text_on_every_page(house, browser_for, kit):
    kit.open(house.acme, mode="instant")
    kit.sign_up(browser_for(house.acme), company="<script>alert(1)</script>", first_name="<b>N</b>")
    rita = browser_for(house.acme, "rita")
    with in_operator(house.acme):
        customer = SignUp.objects.get().customer_id
    for path in ("/sign-ups/?state=done", f"/customers/{customer}/"):
        page = rita.get(path).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
