-- Who may see and do what. Nobody but the owner writes a row directly; the rest goes through the functions.

do $$
declare
    one text;
begin
    foreach one in array array['ledger_account', 'ledger_transfer', 'ledger_hold', 'ledger_closing', 'ledger_closed', 'ledger_late'] loop
        execute format('alter table %I enable row level security', one);
        execute format('revoke all on %I from public', one);
        execute format('grant select on %I to tandem_web, tandem_engine, tandem_console', one);
        execute format('create policy engine on %I to tandem_engine using (true) with check (true)', one);
        execute format('create policy console on %I for select to tandem_console using (true)', one);
    end loop;
    revoke all on ledger_late, ledger_closed from tandem_web;
end $$;

create policy web on ledger_account for select to tandem_web using (
    operator_id = (select nullif(current_setting('app.operator', true), '')::bigint)
    or party_operator_id = (select nullif(current_setting('app.operator', true), '')::bigint)
);
create policy web on ledger_transfer for select to tandem_web using (
    operator_id = (select nullif(current_setting('app.operator', true), '')::bigint)
    or party_operator_id = (select nullif(current_setting('app.operator', true), '')::bigint)
);
create policy web on ledger_hold for select to tandem_web using (
    operator_id = (select nullif(current_setting('app.operator', true), '')::bigint)
);
-- The account's own policy decides.
create policy web on ledger_closing for select to tandem_web using (
    exists (select 1 from ledger_account a where a.id = account)
);

do $$
declare
    one regprocedure;
begin
    for one in select oid::regprocedure from pg_proc where pronamespace = 'public'::regnamespace and proname like 'ledger\_%' loop
        execute format('revoke all on function %s from public', one);
        if one::text ~ '^ledger_(id_at|at|mint|caller|guard|open_account|set_floor|set_label|post)\(' then
            execute format('grant execute on function %s to tandem_web, tandem_engine, tandem_console', one);
        elsif one::text ~ '^ledger_(hold|release|close_bound|close_sum)\(' then
            execute format('grant execute on function %s to tandem_engine', one);
        end if;
    end loop;
    revoke all on function ledger_open_account, ledger_set_floor, ledger_set_label, ledger_post from tandem_console;
end $$;
