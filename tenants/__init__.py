"""Operators: who owns which schema, which host is whose, and how a database connection enters one and no other."""
