"""The operator's public website."""
