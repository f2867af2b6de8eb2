"""What must hold of the ledger at any moment, as queries that answer one sentence per violation.

They run after tests and in production, and read only what came since the last closing. Numbers in brackets are those of
the list in the reliability notes (I1 balanced, I2 balances, I3 holds, I4 floors, I8 idempotency, I9 append-only).
"""

from __future__ import annotations

from typing import Any, Protocol


class Cursor(Protocol):
    def execute(self, query: Any, params: Any = None, /) -> Any: ...
    def fetchall(self) -> list[Any]: ...


SINCE = "coalesce((select max(bound) from ledger_closed where summed), 0)"

CHECKS = {
    "I1 books": f"""
        select format('Transfer %s/%s joins accounts %s and %s of different books or currencies.', t.source, t.part, t.debit, t.credit)
        from ledger_transfer t left join ledger_account d on d.id = t.debit left join ledger_account c on c.id = t.credit
        where t.source >= {SINCE} and (d.id is null or c.id is null or d.currency <> c.currency
            or t.currency <> d.currency or d.operator_id <> c.operator_id or t.operator_id <> d.operator_id)""",  # noqa: E501, S608
    "I1 sum": """
        select format('The balances of operator %s in %s add up to %s instead of 0.', operator_id, currency, sum(posted))
        from ledger_account group by operator_id, currency having sum(posted) <> 0""",  # noqa: E501, S608
    "I2 balances": """
        select format('Account %s has posted %s, but its transfers say %s.', a.id, a.posted, s.posted)
        from ledger_account a left join moves m on m.id = a.id
        cross join lateral (
            select coalesce((select c.posted from ledger_closing c where c.account = a.id order by c.day desc limit 1), 0)
                + coalesce(m.delta, 0) as posted
        ) s
        where a.posted <> s.posted""",  # noqa: E501, S608
    "I3 holds": """
        select format('Account %s has %s held, but its holds add up to %s.', a.id, a.held, coalesce(h.amount, 0))
        from ledger_account a
        left join (select account, sum(amount) as amount from ledger_hold group by account) h on h.account = a.id
        where a.held <> coalesce(h.amount, 0)
        union all
        select format('A hold is on account %s, which does not exist.', h.account) from ledger_hold h
        where not exists (select 1 from ledger_account a where a.id = h.account)""",  # noqa: E501, S608
    "I3 old holds": """
        select format('The hold of %s on account %s lapsed at %s and is still there.', source, account, expires_at)
        from ledger_hold where expires_at < now() - interval '10 minutes'""",  # noqa: E501, S608
    "I4 floors": """
        select format('Account %s is %s below its floor, of which %s is settled usage.', id, floor - (posted - held), overrun)
        from ledger_account where overrun <> greatest(0, floor - (posted - held))""",  # noqa: E501, S608
    "I9 append-only": """
        select format('Table %s would let transfers be changed: trigger %s is missing or off.', t.oid::regclass, w.name)
        from pg_class t cross join (values ('ledger_transfer_rows'), ('ledger_transfer_whole')) w (name)
        where (t.oid = 'ledger_transfer'::regclass
               or t.oid in (select inhrelid from pg_inherits where inhparent = 'ledger_transfer'::regclass))
            and not exists (select 1 from pg_trigger g where g.tgrelid = t.oid and g.tgname = w.name and g.tgenabled in ('O', 'A'))
        union all
        select format('Partition %s has grants of its own.', t.oid::regclass) from pg_class t
        join pg_inherits i on i.inhrelid = t.oid where i.inhparent = 'ledger_transfer'::regclass
            and exists (select 1 from aclexplode(t.relacl) g where g.grantee <> t.relowner)""",  # noqa: E501, S608
}

# Every posting since the last closing, and those that came late into closed days after it.
MOVES = f"""
    with lines as (
        select debit, credit, amount from ledger_transfer t where source >= {SINCE}
            and not exists (select 1 from ledger_late l where (l.source, l.part) = (t.source, t.part))
        union all
        select t.debit, t.credit, t.amount from ledger_late l join ledger_transfer t using (source, part)
        where l.counts_after >= coalesce((select max(day) from ledger_closed where summed), '-infinity')
    ), moves as (
        select id, sum(delta) as delta from (
            select debit as id, -amount as delta from lines union all select credit, amount from lines
        ) m group by id
    )"""  # noqa: S608


def violations(cursor: Cursor) -> list[str]:
    """One sentence for everything that is wrong; empty when all is well. To be run as owner, engine or console."""
    found: list[str] = []
    for name, query in CHECKS.items():
        cursor.execute((MOVES + query) if "moves" in query else query)
        found += [f"{name.split()[0]}: {sentence}" for (sentence,) in cursor.fetchall()]
    return found + missing_partitions(cursor)


def missing_partitions(cursor: Cursor, months: int = 2) -> list[str]:
    """Months, this one and those ahead, that some table has no partition for: calls of that month would be refused."""
    cursor.execute(
        """
        select format('Table %%s has no partition for %%s.', p.oid::regclass, to_char(m.month, 'YYYY-MM'))
        from pg_class p cross join lateral (
            select date_trunc('month', now() at time zone 'UTC') + n * interval '1 month' as month from generate_series(0, %s) n
        ) m
        where p.relkind = 'p' and p.relnamespace = 'public'::regnamespace
            and p.relname in ('ledger_transfer', 'calls_call', 'calls_attempt')
            and to_regclass('public.' || p.relname || '_y' || to_char(m.month, 'YYYY') || 'm' || to_char(m.month, 'MM')) is null
        """,  # noqa: E501, S608
        [months],
    )
    return [sentence for (sentence,) in cursor.fetchall()]
