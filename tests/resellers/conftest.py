"""The real exchange for tests of what flows between operators."""

from tests.exchange.conftest import at_node, books_are_right, standing  # noqa: F401
