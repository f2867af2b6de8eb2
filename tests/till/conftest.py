import pytest


@pytest.fixture
def bank(postgres, own_database):
    """An empty bank in a database of its own; whatever a test did, the books must be right at its end."""
    from tests.till.bank import Bank

    made = Bank(f"host={postgres.dsn['host']} port={postgres.dsn['port']} dbname={own_database}")
    yield made
    found = made.violations()
    made.owner.close()
    assert found == []
