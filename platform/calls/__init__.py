"""Calls while they last, calls that are over, and the attempts to place them."""
