-- Calls per second, the same for all exchanges: one bucket an operator, as full as one second's worth of calls, filled
-- evenly (the generic cell rate algorithm: one instant a bucket). Nothing of value is in it, so it isn't logged.

create unlogged table plans_pace (
    operator_id bigint primary key,
    next_us bigint not null
) with (fillfactor = 50);

-- A batch of calls in the order of arrival: `calls` ascending, with the operators of each one's chain. Answers the
-- calls to refuse, each with the first operator of its chain that is out of calls; a refused call takes from nobody.
-- Operators without a limit take no part. `at` is for tests.
create function plans_take_pace(calls int[], operators bigint[], at timestamptz default null)
returns table (refused int, by_operator bigint)
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    now_us bigint := (extract(epoch from coalesce(at, clock_timestamp())) * 1000000)::bigint;
    ids bigint[];
    steps bigint[];
    nexts bigint[];
    legs int := coalesce(array_length(calls, 1), 0);
    first int := 1;
    last int;
    place int;
    n int;
begin
    insert into plans_pace (operator_id, next_us)
    select c.operator_id, 0 from plans_capacity c
    where c.operator_id = any (operators) and c.calls_per_second is not null
        and not exists (select 1 from plans_pace p where p.operator_id = c.operator_id)
    order by c.operator_id on conflict do nothing;
    select array_agg(l.operator_id order by l.operator_id), array_agg(l.step order by l.operator_id),
        array_agg(greatest(l.next_us, now_us) order by l.operator_id)
    into ids, steps, nexts
    from (
        select p.operator_id, p.next_us, 1000000 / c.calls_per_second as step
        from plans_pace p join plans_capacity c on c.operator_id = p.operator_id
        where p.operator_id = any (operators) and c.calls_per_second is not null
        order by p.operator_id for update of p
    ) l;
    if ids is null then
        return;
    end if;
    while first <= legs loop
        last := first;
        while last < legs and calls[last + 1] = calls[first] loop
            last := last + 1;
        end loop;
        refused := null;
        for n in first .. last loop
            place := array_position(ids, operators[n]);
            if place is not null and nexts[place] + steps[place] > now_us + 1000000 then
                refused := calls[first];
                by_operator := operators[n];
                return next;
                exit;
            end if;
        end loop;
        if refused is null then
            for n in first .. last loop
                place := array_position(ids, operators[n]);
                if place is not null then
                    nexts[place] := nexts[place] + steps[place];
                end if;
            end loop;
        end if;
        first := last + 1;
    end loop;
    update plans_pace p set next_us = u.next_us
    from unnest(ids, nexts) u (operator_id, next_us) where p.operator_id = u.operator_id and p.next_us <> u.next_us;
end $$;
revoke all on function plans_take_pace(int[], bigint[], timestamptz) from public;
grant execute on function plans_take_pace(int[], bigint[], timestamptz) to tandem_engine;
