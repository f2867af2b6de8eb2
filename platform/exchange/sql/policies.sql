revoke all on function exchange_decide, exchange_extend, exchange_settle, exchange_correct from public;
grant execute on function exchange_decide, exchange_extend, exchange_settle, exchange_correct to tandem_engine;
