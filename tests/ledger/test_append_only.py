"""Nobody changes or removes a transfer: not the web, not the engine, not the owner, not through a partition."""

import psycopg
import pytest

from ledger.invariants import violations
from tests.till.bank import OPERATOR


@pytest.mark.parametrize("role", ["web", "engine", "console", "owner"])
def test_a_transfer_is_never_changed_or_removed(bank, role):
    bank.account(money=5)
    partition = bank.ask("select tableoid::regclass::text from ledger_transfer limit 1")
    db = bank.as_role(role, OPERATOR)
    for table in ("ledger_transfer", partition):
        for query in (
            f"update {table} set amount = amount + 1",
            f"update {table} set memo = 'x' where false",
            f"delete from {table}",
            f"truncate {table}",
            f"insert into {table} select * from {table} on conflict (source, part) do update set amount = 1",
            f"merge into {table} t using (select 1) s on true when matched then delete",
        ):
            with pytest.raises(psycopg.Error) as caught:
                db.execute(query)
            assert caught.value.sqlstate in ({"TL006"} if role == "owner" else {"42501"}), query
    assert bank.ask("select count(*) from ledger_transfer where amount = 5") == 1


@pytest.mark.parametrize("role", ["web", "engine", "console"])
def test_no_role_writes_a_row_of_the_ledger_directly(bank, role):
    payer = bank.account(money=5)
    db = bank.as_role(role, OPERATOR)
    for query in (
        "insert into ledger_transfer (source, part, operator_id, kind, debit, credit, amount, currency) "
        "values (1, 1, 1, 'x', 1, 2, 1, 'EUR')",
        f"update ledger_account set posted = 1000 where id = {payer}",
        f"delete from ledger_account where id = {payer}",
        "insert into ledger_hold values (1, 1, 1, 1, now())",
        "insert into ledger_closing values (1, current_date, 1)",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute(query)


def test_a_missing_or_sleeping_trigger_is_found(bank):
    partition = bank.ask(
        "select min(inhrelid::regclass::text) from pg_inherits where inhparent = 'ledger_transfer'::regclass"
    )
    bank.owner.execute(f"alter table {partition} disable trigger ledger_transfer_whole")
    assert any(partition in one for one in violations(bank.owner.cursor()))
    bank.owner.execute(f"alter table {partition} enable always trigger ledger_transfer_whole")


def test_a_tampered_balance_and_a_missing_partition_are_found(bank):
    payer = bank.account(money=5)
    bank.owner.execute("update ledger_account set posted = posted + 1 where id = %s", [payer])
    found = violations(bank.owner.cursor())
    assert any(one.startswith("I1") for one in found) and any(one.startswith("I2") for one in found)
    bank.owner.execute("update ledger_account set posted = posted - 1 where id = %s", [payer])
    bank.owner.execute("update ledger_account set held = 1 where id = %s", [payer])
    assert any(one.startswith("I3") for one in violations(bank.owner.cursor()))
    bank.owner.execute("update ledger_account set held = 0 where id = %s", [payer])
    month = bank.ask("select 'ledger_transfer_y' || to_char(now() + interval '1 month', 'YYYY\"m\"MM')")
    bank.owner.execute(f"drop table {month}")
    assert any("no partition" in one for one in violations(bank.owner.cursor()))
    assert bank.ask("select ledger_make_partitions('ledger_transfer', now()::date, 3)") >= 1
