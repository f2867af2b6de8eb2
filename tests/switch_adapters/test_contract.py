"""What every switch does with what an exchange tells it: the same calls through the simulator and through Asterisk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from switch_adapters.base import CallRecord, EventKind
from switch_adapters.exchange_client import ExchangeClient
from switch_adapters.lab.sipp import Phone
from switch_adapters.lab.stand import Stand, eventually
from switch_adapters.simulator.scenario import Behaviour, Carrier, Scenario
from switch_adapters.simulator.switch import SimulatedSwitch
from tests.switch_adapters.conftest import World

CARRIERS = {
    "p1": Carrier(Behaviour.FAILS, 0.05),
    "p2": Carrier(Behaviour.ANSWERS, 0.4),
    "p3": Carrier(Behaviour.BUSY, 0.05),
    "p4": Carrier(Behaviour.RINGS),
    "p5": Carrier(Behaviour.DEAD, 0.5),
}


@dataclass
class Switch:
    """`call(number, talk, patience)` plays one call to its end and returns the final SIP code."""

    call: Callable[..., int]
    world: World

    def record(self) -> CallRecord:
        """The one record of the one call."""
        assert eventually(lambda: self.world.memory.records)
        (record,) = self.world.memory.records.values()
        return record


@pytest.fixture(params=["simulator in process", "simulator over HTTP", pytest.param("asterisk", marks=pytest.mark.lab)])
def switch(request: pytest.FixtureRequest, world: World) -> Switch:
    if request.param == "asterisk":
        return Switch(_sipp_caller(request.getfixturevalue("stand"), world), world)
    over_http = request.param.endswith("HTTP")

    def call(number: str, talk: float | None = 1.5, patience: float = 60) -> int:
        async def play() -> int:
            client = ExchangeClient([world.face.url], world.face.bearer)
            handler = client if over_http else world.memory
            switch = SimulatedSwitch(handler, world.face.node, lambda route: CARRIERS[route.endpoint], 1.0)
            life = asyncio.create_task(switch.run())
            outcome = await switch.place(Scenario(world.identity, number, "447700900001", talk, patience))
            await switch.drained()
            life.cancel()
            await client.close()
            return outcome.sip_code

        return asyncio.run(play())

    return Switch(call, world)


def _sipp_caller(stand: Stand, world: World) -> Callable[..., int]:
    talks = {world.numbers[role] for role in ("answered", "failover", "cut", "extended", "dead")}

    def call(number: str, talk: float | None = 1.5, patience: float = 60) -> int:
        if patience < 60:
            scenario, wait = "cancel.xml", patience
        elif number in talks:
            scenario, wait = ("cut.xml", 0) if talk is None else ("call.xml", talk)
        else:
            scenario, wait = "refused.xml", 0
        phone = stand.phones(scenario, [Phone(world.identity, world.secret, number, int(wait * 1000))])
        assert phone.wait(40) == 0, phone.trouble() + stand.logs()
        return phone.heard()[0].final_code

    return call


def test_an_answered_call_is_decided_followed_and_recorded_once(switch: Switch) -> None:
    assert switch.call(switch.world.numbers["answered"], talk=1.5) == 200
    record = switch.record()
    (request,) = switch.world.memory.decided
    assert (request.identity, request.called, request.uuid) == (
        switch.world.identity,
        switch.world.numbers["answered"],
        record.uuid,
    )
    (attempt,) = record.attempts
    assert attempt.answered_at is not None
    assert 1_400_000 < attempt.ended_at - attempt.answered_at < 1_900_000
    assert record.started_at <= attempt.started_at < attempt.answered_at < attempt.ended_at <= record.ended_at + 50_000
    assert attempt.sip_code == 200
    assert eventually(lambda: len(switch.world.memory.seen_events) >= 3)
    assert [one.kind for one in switch.world.memory.seen_events] == [EventKind.RING, EventKind.ANSWER, EventKind.END]
    assert {one.uuid for one in switch.world.memory.seen_events} == {record.uuid}


def test_a_failing_provider_is_left_for_the_next(switch: Switch) -> None:
    assert switch.call(switch.world.numbers["failover"]) == 200
    first, second = switch.record().attempts
    assert (first.route_index, first.sip_code, first.answered_at) == (0, 503, None)
    assert second.route_index == 1
    assert second.answered_at is not None
    assert first.ended_at <= second.started_at


def test_a_provider_that_is_not_there_is_left_for_the_next(switch: Switch) -> None:
    assert switch.call(switch.world.numbers["dead"]) == 200
    first, second = switch.record().attempts
    assert first.answered_at is None
    assert second.answered_at is not None


def test_busy_ends_the_search(switch: Switch) -> None:
    assert switch.call(switch.world.numbers["busy"]) == 486
    (attempt,) = switch.record().attempts
    assert (attempt.route_index, attempt.sip_code, attempt.cause) == (0, 486, 17)


def test_no_answer_ends_the_search_after_the_ring_time(switch: Switch) -> None:
    assert switch.call(switch.world.numbers["unanswered"]) == 480
    (attempt,) = switch.record().attempts
    assert attempt.answered_at is None
    assert 1_900_000 < attempt.ended_at - attempt.started_at < 2_600_000


def test_when_every_provider_fails_the_caller_hears_503(switch: Switch) -> None:
    assert switch.call(switch.world.numbers["failing"]) == 503
    assert [one.sip_code for one in switch.record().attempts] == [503, 503]


def test_a_caller_who_gives_up_is_recorded_without_an_answer(switch: Switch) -> None:
    assert switch.call(switch.world.numbers["ringing"], patience=1.0) == 487
    (attempt,) = switch.record().attempts
    assert attempt.answered_at is None
    assert attempt.ended_at - attempt.started_at < 2_000_000


def test_a_call_ends_when_the_granted_seconds_are_over(switch: Switch) -> None:
    assert switch.call(switch.world.numbers["cut"], talk=None) == 200
    (attempt,) = switch.record().attempts
    assert attempt.answered_at is not None
    talked = (attempt.ended_at - attempt.answered_at) / 1_000_000
    granted = switch.world.cut_seconds
    print(f"granted {granted} s, talked {talked:.3f} s")
    assert granted - 0.5 < talked <= granted


def test_a_call_is_extended_slice_by_slice_until_the_money_ends(switch: Switch) -> None:
    if not switch.world.numbers["extended"]:
        pytest.skip("this exchange's slices are a minute long")
    assert switch.call(switch.world.numbers["extended"], talk=None) == 200
    (attempt,) = switch.record().attempts
    assert attempt.answered_at is not None
    talked = (attempt.ended_at - attempt.answered_at) / 1_000_000
    print(f"granted 4 + 4 + 1 s, talked {talked:.3f} s")
    assert 8.5 < talked <= 9.0
    # Slices of 4 s: asked at half of the first (2 s) and half of the second (6 s).
    assert [one.talked_seconds for one in switch.world.memory.extends] in ([2, 6], [1, 6], [2, 5])


def test_a_call_that_goes_on_is_reconciled(switch: Switch) -> None:
    assert switch.call(switch.world.numbers["answered"], talk=2.6) == 200
    live = [one for report in switch.world.memory.reports for one in report.live]
    assert {one.uuid for one in live} == {switch.record().uuid}
    assert any(one.answered_at is not None for one in live)


def test_a_rejected_call_gets_the_code_the_exchange_chose(switch: Switch) -> None:
    for number, code in switch.world.rejected.items():
        assert switch.call(number) == code
    assert switch.world.memory.records == {}
