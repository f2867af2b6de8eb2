"""Devices: made with a secret that is seen once, changed, suspended, archived, and shown to whom they belong."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.urls import reverse

from ledger.models import Account
from portal.devices.create_device import create_device, digests
from portal.devices.models import Device
from portal.people.create_customer import create_customer
from portal.people.models import Customer
from tenants.context import in_operator


@pytest.fixture
def carlas(house):
    with in_operator(house.acme):
        return Customer.objects.get(name="Carla Ltd")


def wish(customer, **more) -> dict:
    return {"customer": customer.pk, "name": "Desk phone", "call_limit": 2, "ring_seconds": 60} | more


def secret_in(answer) -> str:
    """The secret a page shows, or nothing."""
    secret = answer.context["secret"]
    assert not secret or answer.content.decode().count(secret) >= 1
    return secret


def test_the_secret_is_seen_exactly_once_and_is_the_right_one(house, browser_for, carlas):
    rita = browser_for(house.acme, "rita")
    made = rita.post("/devices/new/", wish(carlas))
    assert made.status_code == 302
    page = rita.get(made.headers["location"])
    secret = secret_in(page)
    assert secret
    assert "no-store" in page.headers["cache-control"]
    assert secret_in(rita.get(made.headers["location"])) == ""
    with in_operator(house.acme):
        device = Device.objects.get(name="Desk phone")
        assert (device.digest_md5, device.digest_sha256) == digests(device.username, secret)
        assert Account.objects.get(pk=device.limit_account_id).posted == 2
    assert device.username in page.content.decode()


def test_the_secret_never_lies_readable_in_the_database(house, browser_for, carlas):
    rita = browser_for(house.acme, "rita")
    made = rita.post("/devices/new/", wish(carlas))
    with in_operator(house.acme):
        waiting = [str(session.get_decoded()) for session in Session.objects.all()]
        secret = secret_in(rita.get(made.headers["location"]))
        assert secret
    with in_operator(house.acme), connection.cursor() as cursor:
        cursor.execute("select * from devices_device")
        rows = str(cursor.fetchall())
    assert not [text for text in (*waiting, rows) if secret in text]
    with in_operator(house.acme):
        assert Device.objects.get().digest_md5 not in rows


def test_renewing_makes_another_secret_and_says_it_once(house, browser_for, carlas):
    with in_operator(house.acme):
        device, old = create_device(Device(customer=carlas, name="Desk"))
    carla = browser_for(house.acme, "carla")
    assert carla.get(reverse("devices:renew", args=[device.pk])).status_code == 405
    carla.post(reverse("devices:renew", args=[device.pk]))
    new = secret_in(carla.get(f"/devices/{device.pk}/"))
    assert new
    assert new != old
    with in_operator(house.acme):
        assert Device.objects.get().digest_sha256 == digests(device.username, new)[1]
    # It waits for whoever asked, not for whoever looks first.
    carla.post(reverse("devices:renew", args=[device.pk]))
    assert secret_in(browser_for(house.acme, "rita").get(f"/devices/{device.pk}/")) == ""


def test_a_name_twice_at_one_customer_is_refused_in_one_sentence(house, browser_for, carlas):
    rita = browser_for(house.acme, "rita")
    rita.post("/devices/new/", wish(carlas))
    again = rita.post("/devices/new/", wish(carlas))
    assert again.status_code == 422
    assert again.content.decode().count("This customer has a device of that name already.") == 1
    with in_operator(house.acme):
        other = create_customer(Customer(name="Other", currency="EUR"))
        desk = Device.objects.get()
        second, _ = create_device(Device(customer=carlas, name="Second"))
        assert Device.objects.filter(customer=carlas).count() == 2
    assert rita.post("/devices/new/", wish(other)).status_code == 302
    renamed = rita.post(f"/devices/{second.pk}/edit/", wish(carlas, name="Desk phone"))
    assert "This customer has a device of that name already." in renamed.content.decode()
    assert rita.post(f"/devices/{desk.pk}/edit/", wish(carlas, name="Desk phone")).status_code == 302


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "a\x00b"}, "Null characters"),
        ({"name": "a\tb"}, "leave out characters"),
        ({"name": "x" * 61}, "at most 60"),
        ({"caller_id": "12a"}, "A caller id is up to 20 digits."),
        ({"caller_id": "370'; --"}, "A caller id is up to 20 digits."),
        ({"caller_id": "1" * 21}, "A caller id is up to 20 digits."),
        ({"caller_id": "#31#370"}, "A caller id is up to 20 digits."),
        ({"call_limit": "-1"}, "greater than or equal to 0"),
        ({"call_limit": "9" * 20}, "At most 1,000,000."),
        ({"ring_seconds": "5"}, "greater than or equal to 10"),
        ({"ring_seconds": "1.5"}, "Enter a whole number."),
        ({"customer": "999999"}, "Select a valid choice."),
        ({"customer": "9" * 40}, "Select a valid choice."),
        ({"location": "999999"}, "Select a valid choice."),
    ],
)
def test_bad_input_gets_a_sentence_and_makes_nothing(house, browser_for, carlas, wrong, sentence):
    answer = browser_for(house.acme, "rita").post("/devices/new/", wish(carlas) | wrong)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    with in_operator(house.acme):
        assert not Device.objects.exists()


def test_a_device_never_moves_to_another_customer(house, browser_for, carlas):
    with in_operator(house.acme):
        other = create_customer(Customer(name="Other", currency="EUR"))
        device, _ = create_device(Device(customer=carlas, name="Desk"))
    browser_for(house.acme, "rita").post(f"/devices/{device.pk}/edit/", wish(other, name="Renamed"))
    with in_operator(house.acme):
        device.refresh_from_db()
        assert (device.name, device.customer_id) == ("Renamed", carlas.pk)


def test_carla_sees_her_devices_only_and_changes_none(house, browser_for, carlas):
    with in_operator(house.acme):
        other = create_customer(Customer(name="Other", currency="EUR"))
        hers, _ = create_device(Device(customer=carlas, name="Hers"))
        theirs, _ = create_device(Device(customer=other, name="Theirs"))
    carla = browser_for(house.acme, "carla")
    listed = carla.get("/devices/").content.decode()
    assert "Hers" in listed
    assert "Theirs" not in listed
    assert "Other" not in listed
    assert carla.get(f"/devices/{hers.pk}/").status_code == 200
    assert carla.get(f"/devices/{theirs.pk}/").status_code == 404
    assert carla.post(f"/devices/{theirs.pk}/secret/").status_code == 404
    assert carla.post(f"/devices/{hers.pk}/edit/", wish(carlas)).status_code == 403
    assert carla.get("/devices/?q=Theirs").context["page"].paginator.count == 0
    dan = browser_for(house.beta, "dan")
    assert dan.get(f"/devices/{hers.pk}/").status_code == 404


def test_an_archived_device_is_out_of_the_list_and_can_t_call(house, browser_for, carlas):
    with in_operator(house.acme):
        device, _ = create_device(Device(customer=carlas, name="Desk"))
    rita = browser_for(house.acme, "rita")
    rita.post(f"/devices/{device.pk}/archive/")
    with in_operator(house.acme):
        device.refresh_from_db()
        assert (device.state, device.archived_at is not None) == ("suspended", True)
    assert "Desk" not in rita.get("/devices/?q=Desk").content.decode().split("<tbody>")[-1].split("</tbody>")[0][:50]
    assert rita.get("/devices/?state=archived").context["page"].paginator.count == 1
    assert rita.post(f"/devices/{device.pk}/secret/").status_code == 404
    rita.post(f"/devices/{device.pk}/restore/")
    rita.post(f"/devices/{device.pk}/resume/")
    with in_operator(house.acme):
        device.refresh_from_db()
        assert (device.state, device.archived_at) == ("active", None)


def test_a_device_is_found_by_its_sip_user_name(house, browser_for, carlas):
    with in_operator(house.acme):
        device, _ = create_device(Device(customer=carlas, name="Desk"))
    rita = browser_for(house.acme, "rita")
    assert [one.pk for one in rita.get(f"/devices/?q={device.username}").context["page"]] == [device.pk]
    assert rita.get(f"/devices/?q=d{'9' * 40}").status_code == 200


def test_the_list_costs_the_same_however_many_there_are(house, browser_for, carlas, django_assert_max_num_queries):
    with in_operator(house.acme):
        for number in range(30):
            create_device(Device(customer=carlas, name=f"Phone {number:02}"))
    rita = browser_for(house.acme, "rita")
    with django_assert_max_num_queries(9):
        assert "Phone 29" in rita.get("/devices/").content.decode()
