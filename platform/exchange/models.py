"""The exchange has no tables of its own: its migrations make the till's functions."""
