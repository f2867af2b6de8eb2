"""Customers' balances, as their operator sees and moves them."""
