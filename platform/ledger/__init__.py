"""Money: accounts, append-only transfers, holds, daily closings, and the proof that it all adds up."""
