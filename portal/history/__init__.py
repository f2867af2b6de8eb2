"""The pages of finished calls."""
