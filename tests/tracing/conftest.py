"""A stocked world with the real exchange under it."""

from tests.exchange.conftest import standing  # noqa: F401
