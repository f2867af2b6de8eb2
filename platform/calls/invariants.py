"""What must hold between calls and the ledger: every charge posted (I5), the chain (I6), once only (I8)."""

from __future__ import annotations

from ledger.invariants import SINCE, Cursor

CHECKS = {
    "I5 charges": f"""
        with rows as (
            select id, operator_id, sum(sell) as sell, sum(buy) filter (where bought_from = 'provider') as cost
            from calls_call where id >= {SINCE} group by id, operator_id
        ), posted as (
            select t.source as id, t.operator_id,
                coalesce(sum(t.amount) filter (where c.kind = 'revenue'), 0) - coalesce(sum(t.amount) filter (where d.kind = 'revenue'), 0) as sell,
                coalesce(sum(t.amount) filter (where c.kind = 'provider'), 0) - coalesce(sum(t.amount) filter (where d.kind = 'provider'), 0) as cost
            from ledger_transfer t join ledger_account d on d.id = t.debit join ledger_account c on c.id = t.credit
            where t.source >= {SINCE} and t.kind = 'call' group by t.source, t.operator_id
        )
        select format('Call %s at operator %s: its rows say sold %s, cost %s; the ledger says %s and %s.', id, operator_id,
            coalesce(r.sell, 0), coalesce(r.cost, 0), coalesce(p.sell, 0), coalesce(p.cost, 0))
        from rows r full join posted p using (id, operator_id)
        where (coalesce(r.sell, 0), coalesce(r.cost, 0)) <> (coalesce(p.sell, 0), coalesce(p.cost, 0))""",  # noqa: E501, S608
    "I6 chain": f"""
        with rows as (
            select id, level, sum(sell) as sell, sum(buy) filter (where bought_from = 'parent') as buy,
                max(sell_currency) as sell_currency, max(buy_currency) filter (where bought_from = 'parent') as buy_currency,
                bool_or(bought_from = 'parent') as from_parent
            from calls_call where id >= {SINCE} group by id, level
        )
        select format('Call %s: level %s bought for %s %s what level %s sold for %s %s.', r.id, r.level, r.buy,
            r.buy_currency, r.level + 1, up.sell, up.sell_currency)
        from rows r left join rows up on up.id = r.id and up.level = r.level + 1
        where r.from_parent and r.buy <> 0 and (r.buy, r.buy_currency) is distinct from (up.sell, up.sell_currency)""",  # noqa: E501, S608
    "I8 once": f"""
        select format('Call %s has %s first rows.', id, count(*)) from calls_call
        where id >= {SINCE} and level = 0 and revision = 0 group by id having count(*) <> 1
        union all
        select format('Call %s is live and settled at once.', l.id) from calls_livecall l
        where exists (select 1 from calls_call c where c.id = l.id)
        union all
        select format('Live call %s has no name.', l.id) from calls_livecall l
        where not exists (select 1 from calls_callkey k where (k.id, k.uuid, k.node, k.boot) = (l.id, l.uuid, l.node, l.boot))
        union all
        select format('Call %s is over and still holds %s of account %s.', h.source, h.amount, h.account) from ledger_hold h
        where exists (select 1 from calls_call c where c.id = h.source)""",  # noqa: E501, S608
}


def violations(cursor: Cursor) -> list[str]:
    """One sentence for everything that is wrong between calls and ledger."""
    found: list[str] = []
    for name, query in CHECKS.items():
        cursor.execute(query)
        found += [f"{name.split()[0]}: {sentence}" for (sentence,) in cursor.fetchall()]
    return found
