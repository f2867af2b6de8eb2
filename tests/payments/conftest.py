import pytest


@pytest.fixture
def standin(settings):
    """A fresh stand-in that our own code asks; events wait in it until a test has them delivered."""
    from tests.payments.standin import KEY, SECRET, standing_in

    with standing_in() as running:
        settings.STRIPE_KEY, settings.STRIPE_WEBHOOK_SECRET, settings.STRIPE_API_BASE = KEY, SECRET, running.base
        running.control(hold=True)
        yield running
