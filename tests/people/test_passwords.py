"""A forgotten password, an invitation, and changing one's own."""

from __future__ import annotations

import re

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.urls import reverse

from portal.people.models import Customer, User
from tenants.context import in_operator

PASSWORD = "correct horse battery"


NEW = "quite another staple"


@pytest.fixture(autouse=True)
def _nothing_counted_before(house):
    with in_operator(house.acme):
        cache.clear()


def last_link() -> str:
    return re.search(r"http://\S+", mail.outbox[-1].body)[0]


def follow(browser, link: str):
    """Open a mailed link as a person does; the page with the form, and where it is."""
    path = re.sub(r"^http://[^/]+", "", link)
    answer = browser.get(path, follow=True)
    return answer, answer.redirect_chain[-1][0] if answer.redirect_chain else path


def test_a_forgotten_password_is_set_anew_once(house, browser_for):
    browser = browser_for(house.acme)
    browser.post(reverse("people:forgotten"), {"email": "rita@acme.localhost"})
    answer, place = follow(browser, last_link())
    assert "Choose a new password" in answer.content.decode()
    # Looking at the link, again and again, doesn't use it up.
    assert "Choose a new password" in follow(browser_for(house.acme), last_link())[0].content.decode()
    assert browser.post(place, {"new_password1": NEW, "new_password2": NEW}).status_code == 302
    assert "This link doesn't work any more" in follow(browser_for(house.acme), last_link())[0].content.decode()
    signed_in = browser_for(house.acme).post("/sign-in/", {"username": "rita", "password": NEW})
    assert signed_in.headers["location"] == "/dashboard/"


def test_the_mail_is_the_operator_s_own(house, browser_for):
    browser_for(house.acme).post(reverse("people:forgotten"), {"email": "rita@acme.localhost"})
    sent = mail.outbox[-1]
    assert sent.subject == "Your password at Acme Telecom"
    assert sent.from_email == "Acme Telecom <no-reply@acme.localhost>"
    assert last_link().startswith("http://acme.localhost")
    assert not re.search("tandem|northwind|beta", sent.body + sent.subject + sent.from_email, re.IGNORECASE)


def test_the_link_goes_to_the_main_domain_whatever_host_was_named(house, browser_for):
    browser = browser_for(house.acme)
    browser.post(reverse("people:forgotten"), {"email": "rita@acme.localhost"}, headers={"host": "acme.localhost:9999"})
    assert ":9999" not in last_link()


def test_nobody_learns_whether_an_address_is_known(house, browser_for):
    known = browser_for(house.acme).post(reverse("people:forgotten"), {"email": "rita@acme.localhost"})
    unknown = browser_for(house.acme).post(reverse("people:forgotten"), {"email": "nobody@acme.localhost"})
    assert (known.status_code, known.headers["location"]) == (unknown.status_code, unknown.headers["location"])
    assert len(mail.outbox) == 1


def test_nobody_s_mailbox_is_filled(house, browser_for):
    answers = {
        browser_for(house.acme).post(reverse("people:forgotten"), {"email": "carla@acme.localhost"}).headers["location"]
        for _ in range(15)
    }
    assert len(answers) == 1
    assert len(mail.outbox) == 10


def test_the_link_lasts_an_hour(house, browser_for):
    with time_machine.travel("2026-11-01T12:00:00Z", tick=False) as clock:
        browser_for(house.acme).post(reverse("people:forgotten"), {"email": "rita@acme.localhost"})
        clock.move_to("2026-11-01T12:59:00Z")
        assert "Choose a new password" in follow(browser_for(house.acme), last_link())[0].content.decode()
        clock.move_to("2026-11-01T13:01:00Z")
        assert "This link doesn't work any more" in follow(browser_for(house.acme), last_link())[0].content.decode()


def test_a_new_user_gets_a_link_for_a_week_and_rita_sees_it_once(house, browser_for):
    with in_operator(house.acme):
        customer = Customer.objects.get(name="Carla Ltd")
    with time_machine.travel("2026-11-01T12:00:00Z", tick=False) as clock:
        form = {"username": "cecil", "email": "cecil@carla.example"}
        rita = browser_for(house.acme, "rita")
        answer = rita.post(reverse("people:new_user", args=[customer.pk]), form, follow=True)
        link = last_link()
        assert mail.outbox[-1].to == ["cecil@carla.example"]
        assert link in answer.content.decode()
        assert link not in rita.get(reverse("people:customer", args=[customer.pk])).content.decode()
        clock.move_to("2026-11-08T11:00:00Z")
        browser = browser_for(house.acme)
        _, place = follow(browser, link)
        browser.post(place, {"new_password1": NEW, "new_password2": NEW})
        assert "This link doesn't work any more" in follow(browser_for(house.acme), link)[0].content.decode()
        clock.move_to("2026-11-08T13:00:00Z")
    with in_operator(house.acme):
        cecil = User.objects.get(username="cecil")
        assert (cecil.role, cecil.customer_id, cecil.is_staff_here) == ("customer", customer.pk, False)
        assert cecil.check_password(NEW)


def test_an_invitation_is_too_old_after_a_week(house, browser_for):
    with time_machine.travel("2026-11-01T12:00:00Z", tick=False) as clock:
        with in_operator(house.acme):
            customer = Customer.objects.get(name="Carla Ltd")
        rita = browser_for(house.acme, "rita")
        rita.post(reverse("people:new_user", args=[customer.pk]), {"username": "cecil", "email": "c@carla.example"})
        clock.move_to("2026-11-08T12:01:00Z")
        assert "This link doesn't work any more" in follow(browser_for(house.acme), last_link())[0].content.decode()


def test_changing_one_s_own_password_asks_for_the_old_and_ends_other_sessions(house, browser_for):
    here, elsewhere = browser_for(house.acme, "carla"), browser_for(house.acme, "carla")
    path = reverse("people:own_password")
    wrong = here.post(path, {"old_password": "no", "new_password1": NEW, "new_password2": NEW})
    assert "entered incorrectly" in wrong.content.decode()
    right = here.post(path, {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW})
    assert right.status_code == 302
    assert here.get("/dashboard/").status_code == 200
    assert elsewhere.get("/dashboard/").status_code == 302


@pytest.mark.parametrize("weak", ["short", "password12", "1234567890"])
def test_weak_passwords_are_refused_with_a_reason(house, browser_for, weak):
    here = browser_for(house.acme, "carla")
    answer = here.post(
        reverse("people:own_password"), {"old_password": PASSWORD, "new_password1": weak, "new_password2": weak}
    )
    assert answer.status_code == 200
    assert "data-error-summary" in answer.content.decode()


def test_a_time_zone_is_chosen_and_times_follow_it(house, browser_for):
    carla = browser_for(house.acme, "carla")
    assert carla.post(reverse("people:account"), {"timezone": "Asia/Tokyo"}).status_code == 302
    assert "Asia/Tokyo" in carla.get(reverse("history:list")).content.decode()
    assert carla.post(reverse("people:account"), {"timezone": "Mars/Olympus"}).status_code == 422
