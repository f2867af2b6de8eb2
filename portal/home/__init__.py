"""The first page after signing in, and the way around."""
