-- The live calls of the operator we work for, each with what that level may see of it.
create or replace function calls_live() returns table (
    id bigint, state text, created_at timestamptz, answered_at timestamptz, last_seen_at timestamptz,
    granted_seconds int, own boolean, labels jsonb
) language sql stable security definer set search_path = public, pg_temp rows 100 as $$
    select c.id, c.state, c.created_at, c.answered_at, c.last_seen_at, c.granted_seconds,
        c.operator_id = o.id, c.labels -> o.id::text
    from (select nullif(current_setting('app.operator', true), '')::bigint as id) o
    join calls_livecall c on c.labels ? o.id::text
$$;

create or replace view calls_livelevel with (security_invoker = true) as select * from calls_live();

-- One small event per operator that had calls begin, change or end. The listener looks up what it wants to show.
create or replace function calls_publish(operators bigint[]) returns void language sql security definer
set search_path = public, pg_temp as $$
    select pg_notify('tandem_live', json_build_object('group', 'operator-' || o, 'event', 'calls', 'operator', o)::text)
    from (select distinct unnest(operators) as o) d
$$;

-- For the screen and for reconciling: states only move forward, and what has been settled stays gone. An end that is
-- told does not count as having been seen: a node may tell it long after, and a call with no record is closed by when it
-- was last seen alive.
create or replace function calls_seen(ids bigint[], states text[], answered timestamptz[], routes int[] default null)
returns int language sql security definer set search_path = public, pg_temp as $$
    with told as (
        select n.id, max(array_position(array['trying', 'ringing', 'answered', 'ended'], n.state)) as place,
            min(n.answered_at) as answered_at, max(n.route) filter (where n.answered_at is not null) as route
        from unnest(ids, states, answered, routes) as n (id, state, answered_at, route) group by n.id
    ), locked as (
        select l.id, n.place, n.answered_at, n.route from calls_livecall l join told n using (id)
        order by l.id for no key update of l
    ), done as (
        update calls_livecall l
        set last_seen_at = case when n.place < 4 then now() else l.last_seen_at end,
            answered_at = coalesce(l.answered_at, n.answered_at),
            route_index = coalesce(l.route_index, n.route::smallint),
            state = (array['trying', 'ringing', 'answered', 'ended'])[
                greatest(n.place, array_position(array['trying', 'ringing', 'answered', 'ended'], l.state))]
        from locked n where n.id = l.id returning 1
    )
    select count(*)::int from done
$$;

-- Forget the names of calls that began before `upto` and are over. The records' own ids go on guarding them.
create or replace function calls_forget_keys(upto bigint, at_most int) returns int language sql security definer
set search_path = public, pg_temp as $$
    with old as (
        select k.id from calls_callkey k
        where k.id < upto and not exists (select 1 from calls_livecall l where l.id = k.id)
        order by k.id limit at_most for update skip locked
    ), gone as (delete from calls_callkey k using old where k.id = old.id returning 1),
    estimated as (delete from calls_estimated e using old where e.id = old.id)
    select count(*)::int from gone
$$;
