-- Calls by their names, one row per name: 'live', 'estimated' (settled without a record; it may be corrected), 'settled'
-- or 'unknown'. `fingerprints` are those of the records it was settled by. The name of an old call is forgotten one day;
-- its row is then found among the calls that were decided around the time it started (ids are times).
create or replace function exchange_find(nodes int[], boots text[], uuids text[], started timestamptz[])
returns table (
    nth int, state text, call_id bigint, operator_id bigint, labels jsonb, chain json, answer json,
    granted_seconds int, answered_at timestamptz, deadline_at timestamptz, fingerprints bigint[]
) language plpgsql stable security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
begin
    return query
    select v.nth::int, case when l.id is not null then 'live' when e.id is not null then 'estimated'
            when found.id is not null then 'settled' else 'unknown' end,
        found.id, coalesce(l.operator_id, e.operator_id), coalesce(l.labels, e.labels), coalesce(l.chain, e.chain),
        l.answer, l.granted_seconds, l.answered_at, l.deadline_at,
        case when l.id is null and found.id is not null then
            (select array_agg(c.fingerprint) from calls_call c where c.id = found.id and c.level = 0 and c.fingerprint is not null) end
    from unnest(nodes, boots, uuids, started) with ordinality v (node, boot, uuid, started, nth)
    left join calls_callkey k on (k.uuid, k.node, k.boot) = (v.uuid, v.node, v.boot)
    left join lateral (
        select coalesce(k.id, case when v.started is not null then (
            select c.id from calls_call c
            where c.id between ledger_id_at(v.started - interval '1 hour') and ledger_id_at(v.started + interval '1 hour')
                and c.level = 0 and c.revision = 0 and c.uuid = v.uuid and c.node = v.node limit 1
        ) end) as id
    ) found on true
    left join calls_livecall l on l.id = found.id
    left join calls_estimated e on e.id = found.id;
end $$;
