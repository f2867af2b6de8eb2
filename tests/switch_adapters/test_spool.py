"""The spool is followed through restarts, renames and rubbish, and every call in it becomes one record."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from switch_adapters.agent.calls import Calls
from switch_adapters.agent.spool import rotate
from switch_adapters.agent.store import Admitted, Store, StoreBusy
from switch_adapters.asterisk.cel import read_line

UUID = "298cab15-307f-48c8-83cb-a6ed004cf044"


def _line(
    kind: str, second: float, unique: str, linked: str = "10.1", uuid: str = UUID, mark: str = "", **extra
) -> str:
    return json.dumps(
        {
            "eventtype": mark or kind,
            "eventtime": f"{1_795_410_000 + second:.6f}",
            "channame": f"PJSIP/x-{unique}",
            "accountcode": uuid,
            "uniqueid": unique,
            "linkedid": linked,
            "userfield": "",
            "userdeftype": mark,
            "eventextra": json.dumps(extra) if extra else "",
        }
    )


def _call(linked: str = "10.1", uuid: str = UUID) -> list[str]:
    """A call with a failing and an answering provider, as Asterisk writes it."""
    a, b, c = linked, f"{linked}2", f"{linked}3"

    def line(kind: str, second: float, unique: str, mark: str = "", **extra) -> str:
        return _line(kind, second, unique, linked, "" if kind == "CHAN_START" else uuid, mark, **extra)

    return [
        line("CHAN_START", 0, a),
        line("", 0.1, a, "ADMIT", extra="boot1"),
        line("", 0.2, a, "TRY", extra="0"),
        line("CHAN_START", 0.3, b),
        line("HANGUP", 0.4, b, hangupcause=34),
        line("", 0.5, a, "DONE", extra="0/CONGESTION/34/503"),
        line("", 0.6, a, "TRY", extra="1"),
        line("CHAN_START", 0.7, c),
        line("ANSWER", 2.25, c),
        line("ANSWER", 2.26, a),
        line("HANGUP", 7.5, c, hangupcause=16),
        line("HANGUP", 7.51, a, hangupcause=16, hangupsource=f"PJSIP/x-{a}"),
        line("LINKEDID_END", 7.6, a),
    ]


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "cel.json"


def _write(spool: Path, lines: list[str], end: str = "\n") -> None:
    with spool.open("a") as file:
        file.write("\n".join(lines) + end)


def _read_all(store: Store, spool: Path) -> Calls:
    calls = Calls(store, spool)
    while not calls.step().caught_up:
        pass
    return calls


def test_a_whole_call_becomes_one_record(tmp_path: Path, spool: Path) -> None:
    store = Store(tmp_path / "state")
    _write(spool, _call())
    _read_all(store, spool)
    (record,) = store.waiting()
    first, second = record.attempts
    assert (record.uuid, record.boot, record.ended_by) == (UUID, "boot1", "caller")
    assert (first.route_index, first.sip_code, first.cause, first.answered_at) == (0, 503, 34, None)
    assert second.answered_at is not None
    assert second.ended_at - second.answered_at == 5_250_000


@pytest.mark.parametrize("cut", range(len(_call()) + 1))
def test_killed_after_any_line_the_record_is_the_same(tmp_path: Path, spool: Path, cut: int) -> None:
    whole = Store(tmp_path / "whole")
    _write(tmp_path / "other.json", _call())
    _read_all(whole, tmp_path / "other.json")
    for part in (_call()[:cut], _call()[cut:]):
        if part:
            _write(spool, part)
        life = Store(tmp_path / "state")  # a new one of the agent each time
        _read_all(life, spool)
        life.close()
    assert Store(tmp_path / "state").waiting() == whole.waiting()


def test_a_torn_last_line_waits_for_its_end(tmp_path: Path, spool: Path) -> None:
    store, lines = Store(tmp_path / "state"), _call()
    _write(spool, [*lines[:-1], lines[-1][:40]], end="")
    calls = _read_all(store, spool)
    assert store.waiting() == []
    _write(spool, [lines[-1][40:]])
    calls.step()
    assert len(store.waiting()) == 1


def test_a_line_torn_by_a_crash_does_not_take_the_next_one_with_it(tmp_path: Path, spool: Path) -> None:
    store = Store(tmp_path / "state")
    lines = _call()
    _write(spool, [_line("HANGUP", 1, "9.9", "9.9")[:50] + lines[0], *lines[1:]])
    _read_all(store, spool)
    (record,) = store.waiting()
    assert record.started_at == 1_795_410_000_000_000


@pytest.mark.parametrize(
    "rubbish", ["", "not JSON", "{}", "[1]", "\x00\x00", '{"eventtype":"X"}', '{"a":' * 50, "ü" * 300]
)
def test_lines_that_are_no_events_are_skipped(tmp_path: Path, spool: Path, rubbish: str) -> None:
    store, lines = Store(tmp_path / "state"), _call()
    _write(spool, [line for one in lines for line in (rubbish, one)])
    _read_all(store, spool)
    assert len(store.waiting()) == 1
    assert read_line(rubbish) is None


def test_a_renamed_spool_is_finished_before_its_successor(tmp_path: Path, spool: Path) -> None:
    store, lines = Store(tmp_path / "state"), _call()
    _write(spool, lines[:6])
    calls = _read_all(store, spool)
    _write(spool, lines[6:9])
    old = spool.with_name("cel.json.1")
    spool.rename(old)
    os.utime(old, (1_000_000_000, 1_000_000_000))
    _write(spool, lines[9:])
    while not calls.step().caught_up:
        pass
    (record,) = store.waiting()
    assert record.attempts[1].answered_at is not None
    assert old.exists()  # whoever renamed it may want to keep it


def test_a_spool_put_aside_by_ourselves_is_finished_and_removed(tmp_path: Path, spool: Path) -> None:
    store, lines = Store(tmp_path / "state"), _call()
    _write(spool, lines[:9])
    calls = _read_all(store, spool)
    rotate(spool)
    (old,) = tmp_path.glob("cel.json.*")
    os.utime(old, (1_000_000_000, 1_000_000_000))
    _write(spool, lines[9:])
    while not calls.step().caught_up:
        pass
    assert len(store.waiting()) == 1
    assert not old.exists()


def test_a_line_written_late_to_a_renamed_spool_is_not_lost(tmp_path: Path, spool: Path) -> None:
    store, lines = Store(tmp_path / "state"), _call()
    with spool.open("a") as writer:
        writer.write("\n".join(lines[:9]) + "\n")
        writer.flush()
        calls = _read_all(store, spool)
        rotate(spool)
        _write(spool, lines[10:])
        calls.step()
        writer.write(lines[9] + "\n")
    (old,) = tmp_path.glob("cel.json.*")
    calls.step()
    os.utime(old, (1_000_000_000, 1_000_000_000))
    while not calls.step().caught_up:
        pass
    (record,) = store.waiting()
    assert record.attempts[1].ended_at == 1_795_410_007_500_000


def test_a_second_agent_on_the_same_state_is_refused(tmp_path: Path) -> None:
    first = Store(tmp_path / "state")
    with pytest.raises(StoreBusy, match="another agent"):
        Store(tmp_path / "state")
    first.close()
    Store(tmp_path / "state").close()


def test_an_emptied_spool_is_read_from_its_start(tmp_path: Path, spool: Path) -> None:
    store = Store(tmp_path / "state")
    _write(spool, _call())
    calls = _read_all(store, spool)
    spool.write_text("")
    calls.step()
    _write(spool, _call("20.1", "another")[:-1])
    _write(spool, _call("20.1", "another")[-1:])
    while not calls.step().caught_up:
        pass
    assert [one.uuid for one in store.waiting()] == [UUID, "another"]


def test_a_record_stays_until_it_is_settled_and_a_stubborn_one_goes_behind(tmp_path: Path, spool: Path) -> None:
    store = Store(tmp_path / "state")
    _write(spool, _call() + _call("20.1", "second") + _call("30.1", "third"))
    _read_all(store, spool)
    assert [one.uuid for one in store.waiting(2)] == [UUID, "second"]
    store.put_last([UUID])
    assert [one.uuid for one in store.waiting()] == ["second", "third", UUID]
    store.delivered(("second",))
    store.close()
    assert [one.uuid for one in Store(tmp_path / "state").waiting()] == ["third", UUID]


def test_the_same_lines_twice_make_the_same_record(tmp_path: Path, spool: Path) -> None:
    store = Store(tmp_path / "state")
    lines = _call()
    _write(spool, [line for one in lines[:-1] for line in (one, one)] + lines[-1:])
    _read_all(store, spool)
    once = Store(tmp_path / "once")
    _write(tmp_path / "once.json", lines)
    _read_all(once, tmp_path / "once.json")
    assert store.waiting() == once.waiting()


def test_a_call_given_up_before_the_dialplan_could_mark_it_is_recorded(tmp_path: Path, spool: Path) -> None:
    store = Store(tmp_path / "state")
    calls = Calls(store, spool)
    calls.admit(Admitted(UUID, "boot1", 60, 3600))
    _write(spool, [_call()[0], _line("HANGUP", 1.0, "10.1"), _line("LINKEDID_END", 1.1, "10.1")])
    calls.step()
    (record,) = store.waiting()
    assert (record.uuid, record.boot, record.attempts) == (UUID, "boot1", ())


def test_a_call_that_was_never_admitted_is_no_record(tmp_path: Path, spool: Path) -> None:
    store = Store(tmp_path / "state")
    _write(spool, [_call()[0], _line("HANGUP", 1.0, "10.1"), _line("LINKEDID_END", 1.1, "10.1")])
    _read_all(store, spool)
    assert store.waiting() == []


def test_calls_of_an_earlier_boot_are_dropped_without_a_record(tmp_path: Path, spool: Path) -> None:
    store = Store(tmp_path / "state")
    _write(spool, _call()[:9])
    calls = _read_all(store, spool)
    assert calls.drop_lost("boot1", {UUID: "PJSIP/x"}, 2**62) == []
    (lost,) = calls.drop_lost("boot2", {}, 2**62)
    assert (lost.uuid, lost.boot) == (UUID, "boot1")
    assert calls.open == {}
    assert store.waiting() == []
    assert Calls(store, spool).open == {}
