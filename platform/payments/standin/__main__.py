"""`python -m payments.standin --port 12111 --key sk_test_x --webhook http://... --secret whsec_x`, on loopback only."""

from __future__ import annotations

import argparse

import uvicorn

from payments.standin.app import make_app
from payments.standin.faults import Delivery


def main() -> None:
    parser = argparse.ArgumentParser(description="A stand-in for Stripe, on loopback.")
    parser.add_argument("--port", type=int, default=12111)
    parser.add_argument("--key", default="sk_test_standin")
    parser.add_argument("--webhook", default="", help="where events are sent; empty: kept until /_flush")
    parser.add_argument("--host", default="", help="the Host header of those, if it isn't the address")
    parser.add_argument("--secret", default="whsec_standin")
    given = parser.parse_args()
    delivery = Delivery(given.webhook, given.secret, given.host)
    app = make_app(f"http://127.0.0.1:{given.port}", given.key, delivery)
    uvicorn.run(app, host="127.0.0.1", port=given.port, log_level="warning")


if __name__ == "__main__":
    main()
