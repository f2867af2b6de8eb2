"""Money from outside: the one Stripe client, what we asked of it, what it told us, and a stand-in of our own."""
