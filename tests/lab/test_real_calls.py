"""From an INVITE at a real Asterisk to the money of every level: the real exchange, sipp's own log as witness."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import pytest

from switch_adapters.lab.call_plan import talked
from switch_adapters.lab.independent_charge import Price, charge
from switch_adapters.lab.sipp import Phone, provider
from switch_adapters.lab.stand import Stand, eventually

pytestmark = [pytest.mark.lab, pytest.mark.slow]

# What tests/exchange/shop.py sells for, per minute: Acme to Carla, root to Acme (EUR), Carrier Two to root (USD).
RETAIL = Price("370", Fraction("0.20"), Fraction(0), 1, 1)
WHOLESALE = Price("370", Fraction("0.06"), Fraction(0), 0, 1)
COST = Price("370", Fraction("0.02"), Fraction(0), 0, 1)


@pytest.fixture
def lab(open_house, installation) -> Iterator[SimpleNamespace]:
    """Carrier One refuses with 503, Carrier Two answers; Carla's phone is known to the node."""
    from tenants.context import in_operator
    from tests.exchange.conftest import Exchange
    from tests.exchange.shop import stock

    shop = stock(open_house)
    refusing, answering = provider("reject.xml", code=503), provider("answer.xml", ring_ms=600)
    with in_operator(open_house.root):
        for row, carrier in ((shop.first, refusing), (shop.second, answering)):
            row.port = carrier.port
            row.save()
    exchange = Exchange()
    stand = Stand(installation, [exchange.url], shop.node.token, reconcile_seconds=2.0, debounce_seconds=0.3)
    try:
        exchange.start()
        stand.start()
        phone = shop.carlas_phone.username, shop.carlas_secret
        assert stand.phones("register.xml", [Phone(*phone)]).wait(20) == 0, stand.logs()
        yield SimpleNamespace(
            shop=shop, house=open_house, exchange=exchange, stand=stand, answering=answering, me=phone
        )
    except BaseException:
        print(stand.logs())
        raise
    finally:
        stand.stop()
        exchange.kill(signal.SIGTERM)
        refusing.stop()
        answering.stop()


def _calls(operator, **wanted):
    from calls.models import Call
    from tenants.context import in_operator

    with in_operator(operator):
        return list(Call.objects.filter(**wanted).order_by("id"))


def _holds(operator) -> int:
    from ledger.models import Hold
    from tenants.context import in_operator

    with in_operator(operator):
        return Hold.objects.count()


def _balance(operator, account: int) -> Decimal:
    from ledger.models import Account
    from tenants.context import in_operator

    with in_operator(operator):
        return Account.objects.get(pk=account).posted


def _leave_carla(lab: SimpleNamespace, amount: str) -> None:
    """Take all but `amount` off Carla's account, into Acme's cash."""
    from django.db import connection

    from ledger.accounts import house_account
    from tenants.context import in_operator

    carla, acme = lab.shop.carla, lab.house.acme
    surplus = _balance(acme, carla.account_id) - Decimal(amount)
    with in_operator(acme), connection.cursor() as cursor:
        cash = house_account(acme.pk, "cash", carla.currency)
        cursor.execute(
            "select ledger_post(%s, ledger_mint(), 'correction', %s, %s, %s, 'test', false)",
            [acme.pk, [carla.account_id], [cash], [surplus]],
        )
    connection.set_schema_to_public()


def test_a_real_call_fails_over_and_is_charged_at_every_level(lab: SimpleNamespace) -> None:
    run = lab.stand.phones("call.xml", [Phone(*lab.me, "37060012345", 2400)])
    assert run.wait(30) == 0, run.trouble() + lab.stand.logs()
    assert eventually(lambda: _calls(lab.house.acme, called="37060012345"))
    (heard,) = lab.answering.heard()
    assert heard.number == "37060012345"
    (retail,), (wholesale,) = (_calls(one, called="37060012345") for one in (lab.house.acme, lab.house.root))
    assert f"{retail.sell:.10f}" == charge(talked(heard), RETAIL)
    assert f"{retail.buy:.10f}" == f"{wholesale.sell:.10f}" == charge(talked(heard), WHOLESALE)
    assert f"{wholesale.buy:.10f}" == charge(talked(heard), COST)
    assert (wholesale.provider_label, wholesale.route_index) == ("Carrier Two", 1)
    assert _calls(lab.house.beta, called="37060012345") == []
    assert (_holds(lab.house.acme), _holds(lab.house.root)) == (0, 0)


def test_a_prepaid_caller_is_cut_before_the_money_ends(lab: SimpleNamespace) -> None:
    _leave_carla(lab, "0.02")  # six seconds
    run = lab.stand.phones("cut.xml", [Phone(*lab.me, "37060012346")])
    assert run.wait(30) == 0, run.trouble() + lab.stand.logs()
    assert eventually(lambda: _calls(lab.house.acme, called="37060012346"))
    (heard,) = lab.answering.heard()
    print(f"money for 6 s, talked {float(talked(heard)):.3f} s")
    assert 5 < talked(heard) <= 6
    assert _balance(lab.house.acme, lab.shop.carla.account_id) == 0
    assert _holds(lab.house.acme) == 0


def test_of_fifty_parallel_calls_on_a_balance_for_five_five_connect(lab: SimpleNamespace) -> None:
    _leave_carla(lab, "1.00")  # five first slices of a minute at 0.20
    calls = [Phone(*lab.me, f"370600{n:05d}", 5400) for n in range(50)]
    run = lab.stand.phones("either.xml", calls, rate=50)
    assert run.wait(40) == 0, run.trouble()
    answered = [one for one in lab.answering.heard() if one.answered_at]
    assert len(answered) == 5
    refused = [one for one in run.heard() if one.final_code >= 400]
    assert len(refused) == 45
    assert eventually(lambda: _holds(lab.house.acme) == 0)
    assert _balance(lab.house.acme, lab.shop.carla.account_id) == Decimal("1.00") - 5 * Decimal("0.02")  # six seconds


def test_an_exchange_killed_in_mid_call_settles_it_once_when_it_is_back(lab: SimpleNamespace) -> None:
    before = _balance(lab.house.acme, lab.shop.carla.account_id)
    run = lab.stand.phones("call.xml", [Phone(*lab.me, "37060012347", 3400)])
    assert eventually(lambda: any(one.answered_at for one in lab.answering.heard()))
    lab.exchange.kill()
    assert run.wait(30) == 0, run.trouble()
    assert _calls(lab.house.acme, called="37060012347") == []
    lab.exchange.start()
    assert eventually(lambda: _calls(lab.house.acme, called="37060012347"), 20)
    time.sleep(1)
    (heard,) = lab.answering.heard()
    assert len(_calls(lab.house.acme, called="37060012347")) == 1
    paid = before - _balance(lab.house.acme, lab.shop.carla.account_id)
    assert f"{paid:.10f}" == charge(talked(heard), RETAIL)
    assert (_holds(lab.house.acme), _holds(lab.house.root)) == (0, 0)


def test_an_agent_killed_in_mid_call_leaves_one_charge(lab: SimpleNamespace) -> None:
    before = _balance(lab.house.acme, lab.shop.carla.account_id)
    run = lab.stand.phones("call.xml", [Phone(*lab.me, "37060012348", 4400)])
    assert eventually(lambda: any(one.answered_at for one in lab.answering.heard()))
    lab.stand.agent.kill()
    time.sleep(1)
    lab.stand.agent.start()
    assert run.wait(30) == 0, run.trouble()
    assert eventually(lambda: _calls(lab.house.acme, called="37060012348"), 20)
    time.sleep(1)
    (heard,) = lab.answering.heard()
    assert len(_calls(lab.house.acme, called="37060012348")) == 1
    paid = before - _balance(lab.house.acme, lab.shop.carla.account_id)
    assert f"{paid:.10f}" == charge(talked(heard), RETAIL)
    assert (_holds(lab.house.acme), _holds(lab.house.root)) == (0, 0)


def test_asterisk_killed_in_mid_call_is_settled_once_by_estimate(lab: SimpleNamespace) -> None:
    before = _balance(lab.house.acme, lab.shop.carla.account_id)
    run = lab.stand.phones("cut.xml", [Phone(*lab.me, "37060012349")])
    assert eventually(lambda: any(one.answered_at for one in lab.answering.heard()))
    answered = time.monotonic()
    time.sleep(5.5)
    lab.stand.asterisk.kill()
    lived = time.monotonic() - answered
    run.stop()
    time.sleep(1.1)
    lab.stand.asterisk.start()
    # The exchange gives a node three reports of 15 s before it believes that a call is gone.
    assert eventually(lambda: _calls(lab.house.acme, called="37060012349"), 90, 0.5), lab.stand.logs()
    (call,) = _calls(lab.house.acme, called="37060012349")
    assert call.estimated
    assert call.talk_seconds <= lived + 1
    # Reports come every 2 s here, so the estimate falls short by no more than that and a second's rounding.
    assert call.talk_seconds >= lived - 3.5
    paid = before - _balance(lab.house.acme, lab.shop.carla.account_id)
    assert paid == call.sell > 0
    assert (_holds(lab.house.acme), _holds(lab.house.root)) == (0, 0)
    again = lab.stand.phones("call.xml", [Phone(*lab.me, "37060012350", 700)])
    assert again.wait(30) == 0, again.trouble() + lab.stand.logs()
