"""The lab's Asterisk, for tests that need the real exchange as well."""

from __future__ import annotations

from tests.switch_adapters.conftest import installation  # noqa: F401
