"""post(): once per source, in one operator's books, in one currency, above the floor if so wanted."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import psycopg
import pytest

from tests.till.bank import OPERATOR, UP


def refused(code, work, *arguments, **more):
    with pytest.raises(psycopg.Error) as caught:
        work(*arguments, **more)
    assert caught.value.sqlstate == code
    return caught.value.diag.message_primary


def test_the_same_posting_twice_posts_once_and_another_under_its_source_is_an_error(bank):
    payer, cash = bank.account(), bank.account("cash", floor=None)
    source = bank.minter.mint()
    assert bank.post([(cash, payer, "1.5")], source=source, memo="first") is True
    assert bank.post([(cash, payer, "1.5")], source=source, memo="first") is False
    for other in (
        {"legs": [(cash, payer, "1.6")], "memo": "first"},
        {"legs": [(payer, cash, "1.5")], "memo": "first"},
        {"legs": [(cash, payer, "1.5")], "memo": "second"},
        {"legs": [(cash, payer, "1.5"), (cash, payer, "1.5")], "memo": "first"},
        {"legs": [(cash, payer, "1.5")], "memo": "first", "kind": "correction"},
    ):
        assert "posted before with other content" in refused("TL002", bank.post, source=source, **other)
    assert bank.balance(payer)[0] == Decimal("1.5")


def test_a_storm_of_repetitions_posts_each_source_once_and_tells_altered_ones(bank):
    payer, cash = bank.account(), bank.account("cash", floor=None)
    sources = [bank.minter.mint() for _ in range(50)]
    place = bank.place

    def hammer(nth):
        outcomes = []
        with psycopg.connect(f"{place} user=tandem_engine", autocommit=True) as db:
            for at in range(40):
                source = sources[(nth * 7 + at) % 50]
                amount = Decimal(2) if (nth + at) % 10 == 0 else Decimal(1)
                try:
                    row = db.execute(
                        "select ledger_post(%s, %s, 'storm', %s::bigint[], %s::bigint[], %s::numeric[], '', false)",
                        [OPERATOR, source, [cash], [payer], [amount]],
                    ).fetchone()
                    outcomes.append((source, amount, row[0]))
                except psycopg.errors.UniqueViolation:
                    raise AssertionError("the ledger let two of one source race") from None
                except psycopg.Error as error:
                    assert error.sqlstate == "TL002"
        return outcomes

    with ThreadPoolExecutor(32) as pool:
        done = [one for outcomes in pool.map(hammer, range(32)) for one in outcomes]
    posted = {source: amount for source, amount, fresh in done if fresh}
    assert len(posted) == len([1 for *_, fresh in done if fresh]) == 50
    assert all(posted[source] == amount for source, amount, _ in done)
    assert bank.balance(payer)[0] == sum(posted.values())


def test_amounts_currencies_books_and_accounts_are_checked_and_nothing_is_left(bank):
    payer, cash = bank.account(money=5), bank.account("cash", floor=None)
    dollars, theirs = bank.account("cash", floor=None, currency="USD"), bank.account("cash", floor=None, operator=UP)
    assert "different currencies" in refused("TL003", bank.post, [(cash, payer, 1), (dollars, payer, 1)])
    assert "same operator" in refused("TL003", bank.post, [(theirs, payer, 1)])
    assert "no such account" in refused("TL003", bank.post, [(10**15, payer, 1)])
    assert "positive" in refused("TL003", bank.post, [(cash, payer, 0)])
    assert "positive" in refused("TL003", bank.post, [(cash, payer, -1)])
    assert "ten decimals" in refused("TL003", bank.post, [(cash, payer, "0.00000000001")])
    assert "one" in refused("TL003", bank.post, [(payer, payer, 1)])
    assert "at least one" in refused("TL003", bank.post, [])
    assert bank.balance(payer) == (5, 0)


def test_a_floor_is_kept_if_so_wanted_and_counts_what_is_held(bank):
    payer, cash = bank.account(floor=-2, money=5), bank.account("cash", floor=None)
    bank.ask(
        "select ledger_hold(%s, %s::bigint[], %s::numeric[], now() + interval '1 hour')", 77, [payer], [Decimal(3)]
    )
    assert bank.post([(payer, cash, 4)], keep_floors=True) is True
    assert "only 0 EUR left" in refused("TL001", bank.post, [(payer, cash, "0.01")], keep_floors=True)
    assert bank.post([(payer, cash, "0.01")], keep_floors=False) is True
    assert bank.ask("select overrun from ledger_account where id = %s", payer) == Decimal("0.01")
    assert bank.ask("select ledger_release(77)") == 1
    assert bank.ask("select overrun from ledger_account where id = %s", payer) == 0


def test_a_hold_by_hand_never_passes_the_floor_even_as_owner(bank):
    payer = bank.account(money=5)
    with pytest.raises(psycopg.errors.CheckViolation):
        bank.owner.execute("update ledger_account set held = 5.01 where id = %s", [payer])


def test_what_an_account_is_never_changes(bank):
    payer = bank.account(money=5)
    with pytest.raises(psycopg.Error, match="can't be changed"):
        bank.owner.execute("update ledger_account set currency = 'USD' where id = %s", [payer])
