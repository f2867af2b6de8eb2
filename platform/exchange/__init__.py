"""The call engine: decides calls, holds and settles their money, and talks to the media nodes."""
