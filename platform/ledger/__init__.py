"""Money: accounts, append-only transfers, holds, daily closings. Posting, holding, and the proof that it all adds up."""
