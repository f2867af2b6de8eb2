"""The operators right below this one, as the one above sees them: what they may, and which of our carriers they use."""
