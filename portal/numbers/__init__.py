"""Number rules: locations and how they rewrite what was dialled."""
