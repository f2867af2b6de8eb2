"""Under row-level security an operator sees its own books, and its own account in its parent's; nothing else."""

import asyncio

import psycopg
import pytest

from tests.till.bank import OPERATOR, UP, admission

STRANGER = 900_009


def test_an_operator_sees_its_own_books_and_its_account_at_its_parent(bank):
    mine = bank.account(money=5)
    at_parent = bank.account("operator", "customer/1", None, 7, operator=UP, party=OPERATOR)
    parents_other = bank.account("customer", "customer/2", 0, 9, operator=UP)

    def seen(operator, table, column):
        db = bank.as_role("web", operator)
        return {one for (one,) in db.execute(f"select {column} from {table}").fetchall()}

    assert {mine, at_parent} <= seen(OPERATOR, "ledger_account", "id")
    assert parents_other not in seen(OPERATOR, "ledger_account", "id")
    assert seen(OPERATOR, "ledger_transfer", "credit") == {mine, at_parent}
    assert seen(UP, "ledger_transfer", "credit") == {at_parent, parents_other}
    assert seen(STRANGER, "ledger_account", "id") == set() == seen(STRANGER, "ledger_transfer", "source")
    nobody = bank.as_role("web")
    assert nobody.execute("select count(*) from ledger_account").fetchone() == (0,)


def test_the_web_posts_in_the_books_it_works_for_only(bank):
    payer, cash = bank.account(), bank.account("cash", floor=None)
    query = "select ledger_post(%s, %s, 'top-up', %s::bigint[], %s::bigint[], array[1::numeric], '', true)"
    values = [OPERATOR, bank.minter.mint(), [cash], [payer]]
    for other in (STRANGER, None):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="another operator"):
            bank.as_role("web", other).execute(query, values)
    # Nor by naming its own operator for another's accounts.
    with pytest.raises(psycopg.Error, match="same operator"):
        bank.as_role("web", STRANGER).execute(query, [STRANGER, *values[1:]])
    assert bank.as_role("web", OPERATOR).execute(query, values).fetchone() == (True,)
    for call in (f"ledger_set_floor({payer}, null)", f"ledger_set_label({payer}, 'x')"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            bank.as_role("web", STRANGER).execute(f"select {call}")


def test_the_web_and_the_console_may_not_hold_decide_settle_or_close(bank):
    for role in ("web", "console"):
        db = bank.as_role(role, OPERATOR)
        for call in (
            "ledger_hold(1, '{}', '{}', now())", "ledger_release(1)", "ledger_close_bound('2026-01-01')",
            "exchange_decide('[]', '[]', '{}', '{}', '{}', '{}', '{}', '{}')",
            "exchange_settle('[]', '[]', '[]', '[]', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')",
            "exchange_find('{}','{}','{}','{}')", "calls_forget_keys(1, 1)",
        ):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                db.execute(f"select {call}")


def test_each_level_sees_its_own_side_of_a_live_call_and_no_prices_of_others(bank):
    payer = bank.account(money=5)

    async def go():
        async with bank.till() as till:
            one = admission(till.mint(), "u", {payer: 1})
            one.labels[str(UP)] = {"called": "370", "customer": "the reseller"}
            await till.decide(one)

    asyncio.run(go())
    read = "select own, labels from calls_livelevel"
    assert bank.as_role("web", OPERATOR).execute(read).fetchall() == [(True, {"called": "370"})]
    assert bank.as_role("web", UP).execute(read).fetchall() == [(False, {"called": "370", "customer": "the reseller"})]
    assert bank.as_role("web", STRANGER).execute(read).fetchall() == []
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        bank.as_role("web", OPERATOR).execute("select chain from calls_livecall")


def test_partitions_have_no_grants_of_their_own(bank):
    found = bank.owner.execute(
        """select t.oid::regclass::text from pg_class t join pg_inherits i on i.inhrelid = t.oid
        where t.relkind = 'r' and (not t.relrowsecurity
            or exists (select 1 from aclexplode(t.relacl) g where g.grantee <> t.relowner))"""
    ).fetchall()
    assert found == []
