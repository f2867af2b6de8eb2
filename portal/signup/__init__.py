"""Customers who sign themselves up at their operator's host, and what every new customer starts with."""
