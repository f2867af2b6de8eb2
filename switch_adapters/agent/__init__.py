"""The agent of one media node: it asks the exchange, keeps the deadlines, and delivers what the spool proves."""
