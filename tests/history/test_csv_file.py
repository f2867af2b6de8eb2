"""The file of calls: as shown, in the viewer's zone, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest

from portal.history import csv_file
from portal.history.csv_file import cell


def read(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_it_holds_the_calls_of_the_filter(house, browser_for, rows):
    call = rows.call(house.acme, called="442071")
    rows.call(house.acme, called="370")
    answer = browser_for(house.acme, "rita").get("/calls/calls.csv?number=44")
    assert "attachment" in answer.headers["content-disposition"]
    (line,) = read(answer)
    assert (line["Call"], line["Called"]) == (str(call), "442071")
    assert (line["Price"], line["Profit"]) == ("0.1000000000", "0.0400000000")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum(a1)", "\t=1", "\r=1", '=HYPERLINK("http://evil")'])
def test_a_formula_is_text(house, browser_for, rows, text):
    assert cell(text) == f"'{text}"
    rows.call(house.acme, caller=text, device_label=text, customer_label=text, destination=text)
    (line,) = read(browser_for(house.acme, "rita").get("/calls/calls.csv"))
    for name in ("Caller", "Device", "Customer", "Destination"):
        assert line[name][0] == "'", name


def test_what_is_no_formula_stays_as_it_is():
    assert cell('Müller, "GmbH"; 5%') == 'Müller, "GmbH"; 5%'


def test_too_many_calls_are_refused_with_a_sentence(house, browser_for, rows, monkeypatch):
    monkeypatch.setattr(csv_file, "MOST_ROWS", 2)
    for _ in range(3):
        rows.call(house.acme)
    answer = browser_for(house.acme, "rita").get("/calls/calls.csv", follow=True)
    assert "Choose fewer days." in answer.content.decode()
