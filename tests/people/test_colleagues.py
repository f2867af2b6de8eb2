"""Rita's colleagues: invited by a link that works once, locked out and let in; nobody locks the last door."""

from __future__ import annotations

import re

import pytest
from django.core import mail

from portal.people.models import User
from tenants.context import in_operator

PASSWORD = "battery staple 42 horses"
ROB = {"username": "rob", "email": "rob@acme.localhost", "first_name": "", "last_name": ""}


def person(operator, name: str) -> User:
    with in_operator(operator):
        return User.objects.get(username=name)


def test_rob_is_invited_chooses_a_password_and_is_staff_of_acme(house, browser_for):
    rita = browser_for(house.acme, "rita")
    assert rita.post("/colleagues/new/", ROB).status_code == 302
    page = rita.get("/colleagues/").content.decode()
    link = re.search(r"http://acme\.localhost[^/]*(/password/new/[^\s\"<]+)", page)[1]
    assert link in mail.outbox[-1].body
    # Once: on the next visit it is gone.
    assert link not in rita.get("/colleagues/").content.decode()
    rob = browser_for(house.acme)
    form = rob.get(link, follow=True)
    chosen = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    rob.post(form.request["PATH_INFO"], chosen)
    assert rob.post("/sign-in/", {"username": "rob", "password": PASSWORD}).status_code == 302
    assert rob.get("/customers/").status_code == 200
    again = browser_for(house.acme).get(link, follow=True).content.decode()
    assert "This link doesn't work any more" in again
    assert person(house.acme, "rob").role == "reseller"
    with in_operator(house.beta):
        assert not User.objects.filter(username="rob").exists()


def test_a_colleague_of_the_owner_is_an_owner(house, browser_for):
    browser_for(house.root, "olga").post("/colleagues/new/", ROB)
    assert person(house.root, "rob").role == "owner"


def test_locked_out_is_out_at_once_and_may_come_back(house, browser_for):
    with in_operator(house.acme):
        rob = User.objects.create_user("rob", password=PASSWORD, role="reseller")
    rita, his = browser_for(house.acme, "rita"), browser_for(house.acme, "rob")
    assert his.get("/dashboard/").status_code == 200
    rita.post(f"/colleagues/{rob.pk}/lock/")
    assert his.get("/dashboard/").status_code == 302
    assert rita.post(f"/colleagues/{rob.pk}/invite/").status_code == 404
    rita.post(f"/colleagues/{rob.pk}/unlock/")
    assert browser_for(house.acme).post("/sign-in/", {"username": "rob", "password": PASSWORD}).status_code == 302


def test_nobody_locks_the_last_door(house, browser_for):
    rita = person(house.acme, "rita")
    browser = browser_for(house.acme, "rita")
    page = browser.post(f"/colleagues/{rita.pk}/lock/", follow=True).content.decode()
    assert "You can&#x27;t lock yourself out" in page
    assert person(house.acme, "rita").is_active
    assert browser.post(f"/colleagues/{rita.pk}/invite/").status_code == 404


@pytest.mark.parametrize("deed", ["lock", "unlock", "invite"])
def test_neither_customers_nor_strangers_are_reached(house, browser_for, deed):
    carla, ben = person(house.acme, "carla"), person(house.beta, "ben")
    assert ben.pk == person(house.acme, "rita").pk
    rita = browser_for(house.acme, "rita")
    assert rita.post(f"/colleagues/{carla.pk}/{deed}/").status_code == 404
    assert rita.get(f"/colleagues/{carla.pk}/{deed}/").status_code == 405
    assert browser_for(house.acme, "carla").post(f"/colleagues/{carla.pk}/{deed}/").status_code == 403
    with in_operator(house.acme):
        only = User.objects.create_user("only", role="reseller", id=900_001)
    assert browser_for(house.beta, "ben").post(f"/colleagues/{only.pk}/{deed}/").status_code == 404
    assert "rita" not in browser_for(house.beta, "ben").get("/colleagues/").content.decode()
    assert "carla" not in rita.get("/colleagues/").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [{"username": ""}, {"username": "rita"}, {"username": "a b"}, {"username": "x" * 151}, {"email": "nobody"},
     {"first_name": "a\nb"}, {"username": "a\x00"}],
)  # fmt: skip
def test_bad_input_invites_nobody(house, browser_for, wrong):
    sent = len(mail.outbox)
    assert browser_for(house.acme, "rita").post("/colleagues/new/", ROB | wrong).status_code == 422
    with in_operator(house.acme):
        assert User.objects.exclude(role="customer").count() == 1
    assert len(mail.outbox) == sent


def test_a_role_that_is_sent_along_is_not_taken(house, browser_for):
    browser_for(house.acme, "rita").post("/colleagues/new/", ROB | {"role": "owner", "is_superuser": "on"})
    rob = person(house.acme, "rob")
    assert (rob.role, rob.is_superuser) == ("reseller", False)
