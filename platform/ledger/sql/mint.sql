-- Ids for deeds of pages and jobs. The call engine mints its own under its number; these all share the last number, and
-- a sequence keeps them apart: 4,096 of them in one millisecond would be needed for two to meet.
create sequence ledger_deed cycle maxvalue 4095 minvalue 0;

create function ledger_mint() returns bigint language sql volatile security definer set search_path = public, pg_temp as
$$ select ledger_id_at(clock_timestamp()) + (1023 << 12) + nextval('ledger_deed') $$;

revoke all on function ledger_mint() from public;
grant execute on function ledger_mint() to tandem_web, tandem_engine, tandem_console;
