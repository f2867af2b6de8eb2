"""200 calls at 20 a second through a real Asterisk and its agent, in front of the stand-in exchange.

Checks what the node alone owes: every call one record, and its talk the same billed seconds as the provider's own log.
Run: python tests/lab/many_calls.py [calls] [calls a second]. Last line JSON.
"""

from __future__ import annotations

import json
import math
import random
import sys
import time

from switch_adapters.base import Provider
from switch_adapters.lab.call_plan import Caller, plan_calls, talked, too_near
from switch_adapters.lab.exchange_double import ExchangeDouble, Line, device
from switch_adapters.lab.fetch import UNAVAILABLE, LabUnavailable, get
from switch_adapters.lab.http_face import HttpFace
from switch_adapters.lab.run_plan import play, register
from switch_adapters.lab.sipp import provider
from switch_adapters.lab.stand import Stand, eventually


def main(calls: int = 200, rate: float = 20.0) -> int:
    try:
        installation = get()
    except LabUnavailable as problem:
        sys.stderr.write(f"lab unavailable: {problem}\n")
        return UNAVAILABLE
    callers = [Caller(f"d{100001 + n}", f"secret-{n}") for n in range(4)]
    plan = plan_calls(callers, ["4420", "4930", "33"], calls, quitting=calls // 10, chance=random.Random(7))
    refusing, answering = provider("reject.xml"), provider("answer.xml", ring_ms=1500)
    exchange = ExchangeDouble(
        {one.called: Line(("p1", "p2")) for one in (*plan.talkers, *plan.quitters)},
        {one.identity for one in callers},
        tuple(device(one.identity, one.secret) for one in callers),
        (Provider("p1", "127.0.0.1", refusing.port), Provider("p2", "127.0.0.1", answering.port)),
    )
    face = HttpFace(exchange, 7, "s" * 43).start()
    stand = Stand(installation, [face.url], face.bearer)
    try:
        stand.start()
        registered = register(stand, [*plan.talkers, *plan.quitters])
        begun = time.monotonic()
        played = play(stand, plan, answering, rate=rate, prefix="9")
        took = time.monotonic() - begun
        eventually(lambda: len(exchange.records) >= calls, 20)
        report = {"calls": len(exchange.records), "registered": registered, "phones_failed": played.phones_failed}
        lost, wrong, near, widest = 0, 0, 0, 0.0
        numbers = {one.uuid: one.called for one in exchange.decided}
        for record in exchange.records.values():
            heard = played.heard.get(numbers[record.uuid])
            if heard is None:
                lost += 1
                continue
            answered = next((one for one in record.attempts if one.answered_at is not None), None)
            ours = (answered.ended_at - (answered.answered_at or 0)) / 1_000_000 if answered else 0.0
            widest = max(widest, abs(ours - float(talked(heard))))
            near += too_near(talked(heard))
            wrong += math.ceil(ours) != math.ceil(talked(heard))
        report |= {
            "answered": sum(any(a.answered_at for a in one.attempts) for one in exchange.records.values()),
            "never_reached_the_provider": lost,
            "wrong_seconds": wrong,
            "too_near_a_second": near,
            "widest_difference_s": round(widest, 3),
            "delivered_twice": len(exchange.deliveries) - len(set(exchange.deliveries)),
            "took_s": round(took, 1),
        }
        sys.stdout.write(played.trouble + json.dumps(report) + "\n")
        if len(exchange.records) != calls or lost or wrong or played.phones_failed:
            sys.stdout.write(stand.logs())
            return 1
        return 0
    finally:
        stand.stop()
        for one in (refusing, answering):
            one.stop()
        face.stop()


if __name__ == "__main__":
    sys.exit(main(*(kind(text) for kind, text in zip((int, float), sys.argv[1:], strict=False))))
