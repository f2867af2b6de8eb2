"""Who pays whom, to the cent: examples E1 to E8 of resellers.md by the real exchange. Ten minutes a call."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import connection

from ledger.accounts import set_floor
from portal.devices.create_device import create_device
from portal.devices.models import Device
from portal.people.create_customer import create_customer
from portal.people.models import Customer
from portal.routing.models import CommonUse, Lcr, LcrEntry, Provider
from tenants.context import in_operator
from tests.exchange import look
from tests.exchange import shop as shops
from tests.resellers.worlds import opened

TEN_MINUTES = 600


def customer(operator, name: str, price: str | None, lcr: Lcr | None = None, money: str = "1000") -> SimpleNamespace:
    """Somebody of `operator` with money and a phone, who pays `price` a minute."""
    with in_operator(operator):
        made = create_customer(Customer(name=name, currency="USD"))
        made.tariff = shops.tariff(f"{name} pays", "USD", price) if price else None
        made.lcr = lcr
        made.save()
        shops.top_up(operator, made, money)
        phone = create_device(Device(customer=made, name="phone")).device
    return SimpleNamespace(row=made, account=made.account_id, phone=phone.username)


def sold_to(parent, child, price: str, lcr: Lcr | None = None, money: str = "1000") -> Customer:
    with in_operator(parent):
        row = Customer.objects.get(operator_id=child.pk)
        row.tariff, row.lcr = shops.tariff(f"{child.name} pays", "USD", price), lcr
        row.save()
        shops.top_up(parent, row, money)
    return row


@pytest.fixture(scope="module")
def world(standing):
    house = standing.shop.house
    root, beta = house.root, house.beta
    found = SimpleNamespace(root=root, beta=beta)
    with in_operator(root):
        found.carrier = shops.provider("Carrier A", shops.tariff("A", "USD", "0.3", "buy"))
        found.ways = shops.lcr("ways", found.carrier)
    found.shop = opened(root, "Oneshop", currency="USD")
    found.shop_row = sold_to(root, found.shop, "1.2", found.ways)
    found.user, found.other = customer(found.shop, "First", "2.0"), customer(found.shop, "Second", "2.0")
    found.partner = opened(root, "Partner", currency="USD")
    found.partner_row = sold_to(root, found.partner, "0.8", found.ways)
    found.sub = opened(found.partner, "Sub", currency="USD")
    found.sub_row = sold_to(found.partner, found.sub, "1.2")
    found.sub_user = customer(found.sub, "Subuser", "2.0")
    found.beta_row = sold_to(root, beta, "0.9", found.ways)
    with in_operator(beta):
        found.own = shops.provider("Own", shops.tariff("own costs", "USD", "0.5", "buy"))
        own_way = shops.lcr("own way", found.own)
        common_way = Lcr.objects.create(name="common way", order="priority")
        LcrEntry.objects.create(lcr=common_way, common_provider_id=found.carrier.pk)
    with in_operator(root):
        Provider.objects.filter(pk=found.carrier.pk).update(common_use=True)
        agreed = shops.tariff("agreed with Beta", "USD", "0.7")
        CommonUse.objects.create(provider=found.carrier, operator_id=beta.pk, tariff=agreed)
    found.own_user, found.common_user = (
        customer(beta, "Over own", "2.0", own_way),
        customer(beta, "Common", "2.0", common_way),
    )
    connection.set_schema_to_public()
    look.books_are_current()
    return found


@pytest.fixture
def moved(world):
    """What each of these accounts gained or lost since."""
    accounts = {
        "user": world.user.account, "reseller": world.shop_row.account_id, "carrier": world.carrier.account_id,
        "own_user": world.own_user.account, "common_user": world.common_user.account, "pro": world.beta_row.account_id,
        "own": world.own.account_id, "sub_user": world.sub_user.account, "sub": world.sub_row.account_id,
        "partner": world.partner_row.account_id,
    }  # fmt: skip
    before = {name: look.balance(one) for name, one in accounts.items()}

    def since() -> dict[str, Decimal]:
        changed = {name: look.balance(one) - before[name] for name, one in accounts.items()}
        return {name: one for name, one in changed.items() if one}

    return since


def profit(uuid: str, level: int) -> Decimal:
    ((found,),) = look.rows("select sum(sell - buy) from calls_call where uuid = %s and level = %s", uuid, level)
    return found


def talk(at_node, uuid: str, phone: str, seconds: int = TEN_MINUTES) -> dict:
    answer = at_node.decide(uuid, phone)
    assert answer["action"] == "route", answer
    assert at_node.end(uuid, seconds) == [uuid]
    return answer


def set_price(operator, tariff_of: Customer, price: str) -> None:
    with in_operator(operator):
        tariff_of.tariff.rates.update(price=Decimal(price))
    connection.set_schema_to_public()


def loss_allowed(operator, row: Customer, allowed: bool) -> None:
    with in_operator(operator):
        Customer.objects.filter(pk=row.pk).update(allow_loss=allowed)
    connection.set_schema_to_public()


def test_20_1_1_e1_user_pays_20_reseller_12_profits_8_and_9(world, at_node, moved):
    talk(at_node, "e1", world.user.phone)
    assert moved() == {"user": Decimal("-20"), "reseller": Decimal("-12"), "carrier": Decimal("3")}
    assert (profit("e1", 0), profit("e1", 1)) == (Decimal("8"), Decimal("9"))


def test_20_1_1_e2_over_a_pro_s_own_provider_the_operator_above_gets_nothing(world, at_node, moved):
    talk(at_node, "e2", world.own_user.phone)
    assert moved() == {"own_user": Decimal("-20"), "own": Decimal("5")}
    assert profit("e2", 0) == Decimal("15")
    assert look.rows("select count(*) from calls_call where uuid = 'e2'") == [(1,)]


def test_20_1_1_e3_a_common_provider_costs_the_pro_the_agreed_price(world, at_node, moved):
    talk(at_node, "e3", world.common_user.phone)
    assert moved() == {"common_user": Decimal("-20"), "pro": Decimal("-7"), "carrier": Decimal("3")}
    assert (profit("e3", 0), profit("e3", 1)) == (Decimal("13"), Decimal("4"))


def test_20_1_1_e4_a_partner_s_reseller_s_user_pays_through_every_level(world, at_node, moved):
    talk(at_node, "e4", world.sub_user.phone)
    assert moved() == {
        "sub_user": Decimal("-20"), "sub": Decimal("-12"), "partner": Decimal("-8"), "carrier": Decimal("3")
    }  # fmt: skip
    assert [profit("e4", level) for level in (0, 1, 2)] == [Decimal("8"), Decimal("4"), Decimal("5")]


def test_20_1_2_e5_a_reseller_at_its_credit_limit_stops_all_its_users(world, at_node):
    account = world.shop_row.account_id
    with in_operator(world.root):
        set_floor(account, Decimal("-100"))
    connection.set_schema_to_public()
    look.set_balance(account, "-100")
    look.set_balance(world.user.account, "37.50")
    assert at_node.decide("e5", world.user.phone)["cause"] == 215
    look.set_balance(account, "-88")
    # Ten minutes at 1.2 for all its users together: ten calls hold a minute each, and the eleventh finds nothing.
    look.set_balance(world.other.account, "1000")
    look.set_balance(world.user.account, "1000")
    phones = [world.user.phone, world.other.phone] * 6
    answers = [at_node.decide(f"e5 {n}", phone) for n, phone in enumerate(phones)]
    assert [one["action"] for one in answers] == ["route"] * 10 + ["reject"] * 2
    assert {one["cause"] for one in answers[10:]} == {216}
    for n in range(10):
        at_node.end(f"e5 {n}", 60)
    assert look.balance(account) == Decimal("-100")
    with in_operator(world.root):
        look.set_balance(account, "1000")
        set_floor(account, Decimal(0))
    connection.set_schema_to_public()


def test_20_1_2_e6_the_seconds_are_the_least_of_all_levels(world, at_node):
    look.set_balance(world.user.account, "3")
    look.set_balance(world.shop_row.account_id, "1.2")
    assert at_node.decide("e6", world.user.phone)["granted_seconds"] == 60
    at_node.tell(at_node.event("e6", "answer"))
    assert at_node.extend("e6", 30) == {"uuid": "e6", "granted_seconds": 60, "last": True}
    at_node.end("e6", 60)
    assert look.balance(world.shop_row.account_id) == 0 and look.balance(world.user.account) == 1
    look.set_balance(world.user.account, "3")
    look.set_balance(world.shop_row.account_id, "1000")
    at_node.decide("e6b", world.user.phone)
    at_node.tell(at_node.event("e6b", "answer"))
    assert at_node.extend("e6b", 30) == {"uuid": "e6b", "granted_seconds": 90, "last": True}
    at_node.end("e6b", 90)
    look.set_balance(world.user.account, "1000")


def test_20_1_3_e7_below_cost_only_to_a_reseller_that_may(world, at_node, moved):
    set_price(world.root, world.shop_row, "0.25")
    set_price(world.shop, world.user.row, "0.40")
    look.books_are_current()
    assert at_node.decide("e7", world.user.phone)["cause"] == 204
    loss_allowed(world.root, world.shop_row, True)
    look.books_are_current()
    talk(at_node, "e7b", world.user.phone)
    assert moved() == {"user": Decimal("-4"), "reseller": Decimal("-2.5"), "carrier": Decimal("3")}
    assert profit("e7b", 1) == Decimal("-0.5")
    loss_allowed(world.root, world.shop_row, False)


def test_20_1_3_e8_a_reseller_loses_only_on_a_user_that_may(world, at_node, moved):
    set_price(world.root, world.shop_row, "0.50")
    set_price(world.shop, world.user.row, "0.45")
    look.books_are_current()
    assert at_node.decide("e8", world.user.phone)["cause"] == 218
    loss_allowed(world.shop, world.user.row, True)
    look.books_are_current()
    talk(at_node, "e8b", world.user.phone)
    assert moved() == {"user": Decimal("-4.5"), "reseller": Decimal("-5"), "carrier": Decimal("3")}
    assert profit("e8b", 0) == Decimal("-0.5")
    loss_allowed(world.shop, world.user.row, False)
    set_price(world.root, world.shop_row, "1.2")
    set_price(world.shop, world.user.row, "2.0")
    look.books_are_current()


def test_20_1_4_ten_threads_of_two_users_can_not_take_the_reseller_below_its_limit(world, at_node):
    account = world.shop_row.account_id
    look.set_balance(account, "6")  # five minutes at 1.2
    phones = [world.user.phone, world.other.phone]
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda n: at_node.decide(f"ten {n}", phones[n % 2]), range(30)))
    routed = [n for n, one in enumerate(answers) if one["action"] == "route"]
    assert len(routed) == 5 and {answers[n]["cause"] for n in range(30) if n not in routed} == {216}
    assert look.held(account) == Decimal("6")
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda n: at_node.end(f"ten {n}", 60), routed))
    assert look.balance(account) == 0
    assert look.rows("select count(*) from ledger_account where posted - held < floor") == [(0,)]
    look.set_balance(account, "1000")


def test_20_1_6_own_providers_carry_calls_under_the_freeze(world, at_node, moved):
    from tenants.below import forbid_own_providers

    with in_operator(world.root):
        forbid_own_providers(world.beta)
    connection.set_schema_to_public()
    time.sleep(0.3)
    look.books_are_current()
    talk(at_node, "freeze", world.own_user.phone, 60)
    assert moved() == {"own_user": Decimal("-2"), "own": Decimal("0.5")}
