do $$
declare
    one text;
begin
    foreach one in array array['calls_callkey', 'calls_livecall', 'calls_estimated', 'calls_call', 'calls_attempt'] loop
        execute format('alter table %I enable row level security', one);
        execute format('revoke all on %I from public', one);
        execute format('grant select on %I to tandem_engine, tandem_console', one);
        execute format('create policy engine on %I to tandem_engine using (true) with check (true)', one);
        execute format('create policy console on %I for select to tandem_console using (true)', one);
    end loop;
    foreach one in array array['calls_call', 'calls_attempt'] loop
        execute format('grant select on %I to tandem_web', one);
        execute format($p$create policy web on %I for select to tandem_web
            using (operator_id = (select nullif(current_setting('app.operator', true), '')::bigint))$p$, one);
    end loop;
end $$;

revoke all on calls_livelevel from public;
grant select on calls_livelevel to tandem_web, tandem_engine, tandem_console;
revoke all on function calls_live, calls_publish, calls_seen, calls_forget_keys from public;
grant execute on function calls_live to tandem_web, tandem_engine, tandem_console;
grant execute on function calls_publish, calls_seen, calls_forget_keys to tandem_engine;
