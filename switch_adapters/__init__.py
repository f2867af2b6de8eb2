"""Media servers behind one contract: see base.py. No Django, no tables, no business rule in here."""
