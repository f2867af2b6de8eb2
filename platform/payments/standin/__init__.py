"""A stand-in for Stripe over HTTP, for tests and trials without a network: `python -m payments.standin`.

It speaks the part of Stripe's API that we use, in its own shapes: objects, form bodies, errors, Idempotency-Keys,
signed events, a clock that can be advanced, and faults at will. It keeps everything in memory and charges nobody.
One thing differs: its clock is one for all customers.
"""
