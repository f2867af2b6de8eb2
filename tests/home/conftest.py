from __future__ import annotations

import pytest

from tests.call_rows import call_rows


@pytest.fixture
def rows(house):
    with call_rows() as made:
        yield made
