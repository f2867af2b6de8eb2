revoke all on function exchange_decide, exchange_extend, exchange_settle, exchange_correct, exchange_find from public;
grant execute on function exchange_decide, exchange_extend, exchange_settle, exchange_correct, exchange_find to tandem_engine;
