"""A price list is shown before it counts, and then counts whole or not at all."""

from __future__ import annotations

import threading
import time
from datetime import UTC, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from portal.tariffs.models import Rate, RateUpload, Tariff
from portal.tariffs.upload_rates import apply_upload, stage_upload
from tenants.context import in_operator
from tenants.models import BookVersion


@pytest.fixture
def tariff(house):
    with in_operator(house.acme):
        made = Tariff.objects.create(name="Retail", currency="EUR")
        Rate.objects.create(tariff=made, prefix="370", destination="Lithuania", price=Decimal("0.1"))
        Rate.objects.create(tariff=made, prefix="371", destination="Latvia", price=Decimal("0.2"))
        Rate.objects.create(tariff=made, prefix="372", destination="Estonia", price=Decimal("0.3"))
    return made


@pytest.fixture
def rita(house, browser_for):
    return browser_for(house.acme, "rita")


def send(rita, tariff, content: str | bytes, mode: str = "add"):
    content = content if isinstance(content, bytes) else content.encode()
    file = SimpleUploadedFile("prices.csv", content, "text/csv")
    return rita.post(reverse("tariffs:upload", args=[tariff.pk]), {"file": file, "mode": mode})


def prices(house, tariff) -> dict[str, Decimal]:
    with in_operator(house.acme):
        return {one.prefix: one.price for one in Rate.objects.in_force().filter(tariff=tariff)}


def version(operator) -> int:
    with in_operator(operator):
        return BookVersion.objects.get(pk=operator.pk).version


def test_a_good_file_changes_nothing_before_it_is_confirmed(house, rita, tariff):
    before = prices(house, tariff)
    shown = rita.get(send(rita, tariff, "prefix;price\n370;0,15\n44;0,01\n371;0,2\n")["location"])
    assert shown.context["summary"] | {"changes": 0, "removals": 0, "zone": 0} == {
        "new": 1, "changed": 1, "same": 1, "removed": 0, "changes": 0, "removals": 0, "zone": 0
    }  # fmt: skip
    assert prices(house, tariff) == before


def test_add_and_change_leaves_the_other_rates(house, rita, tariff):
    rita.post(send(rita, tariff, "prefix;price\n370;0,15\n44;0,01\n")["location"])
    assert prices(house, tariff) == {
        "370": Decimal("0.15"), "44": Decimal("0.01"), "371": Decimal("0.2"), "372": Decimal("0.3")
    }  # fmt: skip


def test_a_changed_rate_leaves_the_old_one_as_history(house, rita, tariff):
    rita.post(send(rita, tariff, "prefix;price\n370;0,15\n")["location"])
    with in_operator(house.acme):
        assert [one.price for one in tariff.rates.filter(prefix="370")] == [Decimal("0.15"), Decimal("0.1")]


def test_replace_leaves_only_what_the_file_says(house, rita, tariff):
    answer = send(rita, tariff, "prefix;price\n370;0,1\n371;0,25\n44;0,01\n", "replace")
    summary = rita.get(answer["location"]).context["summary"]
    assert [summary[name] for name in ("new", "changed", "same", "removed")] == [1, 1, 1, 1]
    rita.post(answer["location"])
    with in_operator(house.acme):
        assert list(tariff.rates.values_list("prefix", "price")) == [
            ("370", Decimal("0.1")), ("371", Decimal("0.25")), ("44", Decimal("0.01"))
        ]  # fmt: skip


def test_a_line_with_a_date_waits_for_it(house, rita, tariff):
    rita.post(
        send(rita, tariff, f"prefix;price;effective from\n370;9;{timezone.now() + timedelta(days=7):%Y-%m-%d}\n")[
            "location"
        ]
    )
    assert prices(house, tariff)["370"] == Decimal("0.1")
    with in_operator(house.acme):
        later = Rate.objects.in_force(timezone.now() + timedelta(days=8)).get(tariff=tariff, prefix="370")
    assert later.price == 9


def test_destinations_that_the_file_does_not_name_are_the_worlds(house, rita, tariff):
    rita.post(send(rita, tariff, "prefix;price\n44;0,01\n370;0,15\n")["location"])
    with in_operator(house.acme):
        assert tariff.rates.get(prefix="44").destination == "United Kingdom"
        assert set(tariff.rates.filter(prefix="370").values_list("destination", flat=True)) == {"Lithuania"}


def test_one_bad_line_changes_nothing_and_is_shown(house, rita, tariff):
    before = prices(house, tariff)
    answer = send(rita, tariff, "prefix;price\n44;0,01\n45;-1\n46;0,02\n", "replace")
    text = answer.content.decode()
    assert answer.status_code == 422 and "A price can&#x27;t be negative." in text and "1 line needs correcting" in text
    assert prices(house, tariff) == before
    with in_operator(house.acme):
        assert not RateUpload.objects.exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04" + bytes(200), b"\x00\x01\x02\x03\xff" * 99, b"nonsense"])
def test_a_file_that_is_none_gets_a_sentence_at_its_field(house, rita, tariff, content):
    before = prices(house, tariff)
    answer = send(rita, tariff, content)
    assert answer.status_code == 422 and answer.context["form"].errors["file"][0].endswith(".")
    assert prices(house, tariff) == before


def test_applying_twice_is_applying_once(house, rita, tariff):
    where = send(rita, tariff, "prefix;price\n370;0,15\n")["location"]
    assert rita.post(where).status_code == 302
    assert rita.post(where).status_code == 404
    with in_operator(house.acme):
        assert tariff.rates.count() == 4


def test_what_was_changed_in_the_meantime_is_shown_again_before_it_counts(house, rita, tariff):
    where = send(rita, tariff, "prefix;price\n370;0,15\n", "replace")["location"]
    with in_operator(house.acme):
        Rate.objects.create(tariff=tariff, prefix="44", price=1)
    answer = rita.post(where)
    assert answer.status_code == 409 and answer.context["summary"]["removed"] == 3
    assert prices(house, tariff)["370"] == Decimal("0.1")
    assert rita.post(where).status_code == 302
    assert prices(house, tariff) == {"370": Decimal("0.15")}


def test_a_discarded_file_is_gone(house, rita, tariff):
    where = send(rita, tariff, "prefix;price\n370;0,15\n")["location"]
    rita.post(where + "discard/")
    assert rita.get(where).status_code == 404 and prices(house, tariff)["370"] == Decimal("0.1")


@pytest.mark.parametrize("mode", ["add", "replace"])
def test_what_is_downloaded_can_be_sent_back_and_changes_nothing(house, rita, tariff, mode):
    with in_operator(house.acme):
        Rate.objects.create(
            tariff=tariff, prefix="88", destination="Sat, \"far\"; ør", price=Decimal("0.0000000001"),
            connection_fee="1.5",
            min_seconds=30, increment=6, blocked=True, effective_from=timezone.now() + timedelta(days=3),
        )  # fmt: skip
        Rate.objects.filter(prefix="371").update(destination="=SUM(A1)")
        before = list(Rate.objects.order_by("pk").values())
    file = rita.get(reverse("tariffs:download", args=[tariff.pk])).content
    assert b"'=SUM(A1)" in file and b"0.0000000001" in file and b"E-" not in file
    answer = send(rita, tariff, file, mode)
    summary = rita.get(answer["location"]).context["summary"]
    assert [summary[name] for name in ("new", "changed", "same", "removed")] == [0, 0, 4, 0]
    was = version(house.acme)
    rita.post(answer["location"])
    with in_operator(house.acme):
        assert list(Rate.objects.order_by("pk").values()) == before
    assert version(house.acme) == was


def test_an_upload_raises_the_book_of_its_operator_by_at_most_three(house, rita, tariff):
    other, was = version(house.root), version(house.acme)
    lines = "".join(f"{number};0,1\n" for number in range(1000, 3000))
    rita.post(send(rita, tariff, "prefix;price\n" + lines, "replace")["location"])
    assert was < version(house.acme) <= was + 3
    assert version(house.root) == other


def test_a_hundred_thousand_lines_take_seconds(house, rita, tariff):
    lines = "".join(
        f"{200_000_000 + number};Somewhere {number % 300};0,{number % 997:04};60;6\n" for number in range(100_000)
    )
    began = time.monotonic()
    answer = send(rita, tariff, "prefix;destination;price;minimum;increment\n" + lines, "replace")
    checked = time.monotonic()
    assert rita.post(answer["location"]).status_code == 302
    applied = time.monotonic()
    print(f"check {checked - began:.2f} s, apply {applied - checked:.2f} s")
    with in_operator(house.acme):
        assert tariff.rates.count() == 100_000
    assert applied - began < 30


def test_two_clicks_at_once_apply_it_once(open_house):
    house = open_house
    with in_operator(house.acme):
        tariff = Tariff.objects.create(name="Retail", currency="EUR")
        upload = stage_upload(tariff, "prices.csv", b"prefix;price\n370;0,5\n371;0,5\n", "add", UTC)
    start, ends = threading.Barrier(4), []

    def click() -> None:
        try:
            with in_operator(house.acme):
                mine = RateUpload.objects.get(pk=upload.pk)
                start.wait(10)
                apply_upload(mine, UTC)
                ends.append("applied")
        except RateUpload.DoesNotExist:
            ends.append("gone")
        finally:
            connection.close()

    clicks = [threading.Thread(target=click) for _ in range(4)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join(30)
    assert sorted(ends) == ["applied", "gone", "gone", "gone"]
    with in_operator(house.acme):
        assert Rate.objects.count() == 2
