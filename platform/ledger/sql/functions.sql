-- Posting. Every function here runs as the owner, with a fixed search_path, and is granted by name.
-- Lock order everywhere: keys, holds and live rows first (by id), then transfers, then accounts in id order.

-- The role that called, whatever function we are in.
create or replace function ledger_caller() returns name language sql stable set search_path = pg_catalog as
$$ select case when current_setting('role') = 'none' then session_user else current_setting('role')::name end $$;

-- An id minted by the database itself, as minter 1023 (exchanges have 0 to 1022; see ledger/ids.py).
create sequence ledger_minted;
create or replace function ledger_mint() returns bigint language sql security definer set search_path = public, pg_temp as
$$ select ledger_id_at(clock_timestamp()) | (1023 << 12) | (nextval('ledger_minted') & 4095) $$;

-- The engine and the owner work in all books; anybody else in the books of the operator it is working for.
create or replace function ledger_guard(operator bigint) returns void language plpgsql stable
set search_path = public, pg_temp as $$
begin
    if ledger_caller() = 'tandem_engine' or pg_has_role(ledger_caller(), 'tandem_owner', 'member') then
        return;
    end if;
    if nullif(current_setting('app.operator', true), '')::bigint is distinct from operator then
        raise exception 'These are the books of another operator.' using errcode = '42501';
    end if;
end $$;

create or replace function ledger_open_account(
    operator bigint, kind text, ref text, currency text, floor numeric, party_operator bigint, label text
) returns bigint language plpgsql security definer set search_path = public, pg_temp as $$
declare
    found_id bigint;
begin
    perform ledger_guard(operator);
    insert into ledger_account as a (operator_id, kind, ref, currency, floor, party_operator_id, label, overrun)
    values ($1, $2, $3, $4, $5, $6, $7, greatest(0, $5)) on conflict on constraint ledger_account_of do nothing
    returning a.id into found_id;
    if found_id is null then
        select a.id into found_id from ledger_account a
        where (a.operator_id, a.kind, a.ref, a.currency) = ($1, $2, $3, $4);
    end if;
    return found_id;
end $$;

create or replace function ledger_set_floor(account bigint, floor numeric) returns void language plpgsql security definer
set search_path = public, pg_temp as $$
declare
    operator bigint := (select operator_id from ledger_account where id = account);
begin
    if operator is null then
        raise exception 'There is no account %.', account using errcode = 'TL004';
    end if;
    perform ledger_guard(operator);
    update ledger_account a set floor = $2, overrun = greatest(0, $2 - (a.posted - a.held)) where a.id = account;
end $$;

create or replace function ledger_set_label(account bigint, label text) returns void language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    perform ledger_guard((select operator_id from ledger_account where id = account));
    update ledger_account a set label = $2 where a.id = account;
end $$;

-- True: posted now. False: the very same was posted before. A source is one deed: other content is an error.
create or replace function ledger_post(
    operator bigint, source bigint, kind text, debits bigint[], credits bigint[], amounts numeric[], memo text,
    keep_floors boolean
) returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
declare
    legs int := coalesce(array_length(amounts, 1), 0);
    bad record;
begin
    perform ledger_guard(operator);
    perform pg_advisory_xact_lock_shared(7301, 1);
    if legs = 0 then
        raise exception 'A posting needs at least one transfer.' using errcode = 'TL003';
    end if;
    perform 1 from ledger_account where id = any (debits || credits) order by id for no key update;

    if exists (select 1 from ledger_transfer t where t.source = $2) then
        if exists (
            select 1 from (select * from ledger_transfer t where t.source = $2) t
            full join (select row_number() over () - 1 as part, d.* from unnest(debits, credits, amounts) as d (debit, credit, amount)) n
                using (part)
            where (t.debit, t.credit, t.amount, t.kind, t.memo, t.operator_id)
                is distinct from (n.debit, n.credit, round(n.amount, 10), $3, $7, $1)
        ) then
            raise exception 'This was posted before with other content, so it is not posted again (source %).', $2
                using errcode = 'TL002';
        end if;
        return false;
    end if;

    for bad in
        select n.*, d.id is null or c.id is null as unknown,
            d.operator_id is distinct from operator or c.operator_id is distinct from operator as foreign_books
        from unnest(debits, credits, amounts) as n (debit, credit, amount)
        left join ledger_account d on d.id = n.debit
        left join ledger_account c on c.id = n.credit
        where d.id is null or c.id is null or d.currency <> c.currency or n.amount is null or n.amount <= 0
            or d.id = c.id or d.operator_id <> operator or c.operator_id <> operator
            or n.amount <> round(n.amount, 10)
    loop
        raise exception 'Transfer of % from account % to % is refused: %.', bad.amount, bad.debit, bad.credit,
            case when bad.unknown then 'there is no such account'
                 when bad.foreign_books then 'both accounts must be in the books of the same operator'
                 when bad.amount is null or bad.amount <= 0 or bad.amount <> round(bad.amount, 10)
                     then 'the amount must be positive with at most ten decimals'
                 when bad.debit = bad.credit then 'the two accounts are one'
                 else 'the two accounts have different currencies' end
            using errcode = 'TL003';
    end loop;

    insert into ledger_transfer (source, part, operator_id, party_operator_id, kind, debit, credit, amount, currency, memo)
    select $2, n.part - 1, $1, coalesce(d.party_operator_id, c.party_operator_id), $3, n.debit, n.credit, n.amount,
        d.currency, $7
    from unnest(debits, credits, amounts) with ordinality as n (debit, credit, amount, part)
    join ledger_account d on d.id = n.debit join ledger_account c on c.id = n.credit;
    perform ledger_note_late(array[$2]);

    for bad in
        update ledger_account a
        set posted = a.posted + s.delta, overrun = greatest(0, a.floor - (a.posted + s.delta - a.held))
        from (
            select m.id, sum(m.delta) as delta from (
                select unnest(debits) as id, -unnest(amounts) as delta
                union all select unnest(credits), unnest(amounts)
            ) m group by m.id
        ) s
        where a.id = s.id
        returning a.id, s.delta, a.overrun, a.posted, a.held, a.floor, a.currency
    loop
        if keep_floors and bad.delta < 0 and bad.overrun > 0 then
            raise exception 'Account % has only % % left above its limit.', bad.id,
                trim_scale(bad.posted - bad.delta - bad.held - bad.floor), bad.currency using errcode = 'TL001';
        end if;
    end loop;
    return true;
end $$;

-- Transfers of these sources that fall into a closed day: remember them for the next closing.
create or replace function ledger_note_late(sources bigint[]) returns void language sql
set search_path = public, pg_temp as $$
    insert into ledger_late (source, part, counts_after)
    select t.source, t.part, c.day from (select day, bound from ledger_closed order by day desc limit 1) c
    join lateral unnest(sources) s (source) on s.source < c.bound
    join ledger_transfer t on t.source = s.source
    on conflict do nothing
$$;

-- A hold outside a call's life. True: all held. False: one of them is short, so nothing is. Again: true, nothing more.
create or replace function ledger_hold(source bigint, accounts bigint[], amounts numeric[], expires timestamptz)
returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
declare
    one record;
    found_count int := 0;
begin
    for one in
        select a.id, a.operator_id, h.amount, a.posted - a.held - a.floor as free, a.floor
        from ledger_account a join unnest(accounts, amounts) h (account, amount) on h.account = a.id
        order by a.id for no key update of a
    loop
        perform ledger_guard(one.operator_id);
        found_count := found_count + 1;
        if one.amount > 0 and one.amount > one.free then
            return false;
        end if;
    end loop;
    if found_count <> array_length(accounts, 1) then
        raise exception 'One of the accounts % does not exist, or is named twice.', accounts using errcode = 'TL004';
    end if;
    if exists (select 1 from ledger_hold h where h.source = $1) then
        return true;
    end if;
    insert into ledger_hold (source, account, operator_id, amount, expires_at)
    select $1, h.account, a.operator_id, h.amount, $4
    from unnest(accounts, amounts) h (account, amount) join ledger_account a on a.id = h.account;
    update ledger_account a set held = a.held + h.amount
    from unnest(accounts, amounts) h (account, amount) where a.id = h.account and h.amount <> 0;
    return true;
end $$;

-- Gives back all that a source holds; the number of holds that were there.
create or replace function ledger_release(source bigint) returns int language plpgsql security definer
set search_path = public, pg_temp as $$
declare
    accounts bigint[];
    amounts numeric[];
begin
    perform ledger_guard(h.operator_id) from ledger_hold h where h.source = $1;
    with gone as (delete from ledger_hold h where h.source = $1 returning h.account, h.amount)
    select array_agg(account order by account), array_agg(amount order by account) into accounts, amounts from gone;
    perform 1 from ledger_account where id = any (accounts) order by id for no key update;
    update ledger_account a
    set held = a.held - h.amount, overrun = greatest(0, a.floor - (a.posted - a.held + h.amount))
    from unnest(accounts, amounts) h (account, amount) where a.id = h.account;
    return coalesce(array_length(accounts, 1), 0);
end $$;

-- Closing a day, first half: from here on whatever is posted into it is late. Waits for postings under way, for
-- moments only; it must be a transaction of its own.
create or replace function ledger_close_bound(closing_day date) returns void language plpgsql security definer
set search_path = public, pg_temp as $$
declare
    last date := (select max(day) from ledger_closed);
begin
    if ledger_caller() <> 'tandem_engine' and not pg_has_role(ledger_caller(), 'tandem_owner', 'member') then
        raise exception 'Only the engine closes days.' using errcode = '42501';
    end if;
    if exists (select 1 from ledger_closed where day = closing_day) then
        return;
    end if;
    if last is not null and closing_day <= last then
        raise exception 'Day % lies before the last closed day %.', closing_day, last using errcode = 'TL003';
    end if;
    perform pg_advisory_xact_lock(7301, 1);
    insert into ledger_closed (day, bound)
    values (closing_day, ledger_id_at((closing_day + 1)::timestamp at time zone 'UTC'));
end $$;

-- Second half: the sums. Safe to run again, and to die in the middle of.
create or replace function ledger_close_sum(closing_day date) returns int language plpgsql security definer
set search_path = public, pg_temp as $$
declare
    before bigint;
    upto bigint;
    last date;
    made int;
begin
    select bound into upto from ledger_closed where day = closing_day and not summed for update;
    if upto is null then
        return 0;
    end if;
    select day, bound into last, before from ledger_closed where day < closing_day order by day desc limit 1;
    if exists (select 1 from ledger_closed where day < closing_day and not summed) then
        raise exception 'An earlier day has been closed but not summed yet.' using errcode = 'TL003';
    end if;
    insert into ledger_closing (account, day, posted)
    select m.account, closing_day, coalesce(p.posted, 0) + sum(m.delta)
    from (
        select t.debit, t.credit, t.amount from ledger_transfer t
        where t.source >= coalesce(before, 0) and t.source < upto
            and not exists (select 1 from ledger_late l where (l.source, l.part) = (t.source, t.part) and l.counts_after >= closing_day)
        union all
        select t.debit, t.credit, t.amount from ledger_late l join ledger_transfer t using (source, part)
        where l.counts_after = last
    ) t
    cross join lateral (values (t.debit, -t.amount), (t.credit, t.amount)) m (account, delta)
    left join lateral (
        select c.posted from ledger_closing c where c.account = m.account and c.day < closing_day order by c.day desc limit 1
    ) p on true
    group by m.account, p.posted;
    get diagnostics made = row_count;
    update ledger_closed set summed = true where day = closing_day;
    return made;
end $$;
