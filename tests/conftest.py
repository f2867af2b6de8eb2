"""Fixtures everybody uses. Nothing here imports Django before a test asks for a database: `make fast` must not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest


def _worker() -> str:
    return f"{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}_{os.getpid()}"


@pytest.fixture(scope="session")
def postgres() -> Iterator:
    """The running test server (config.postgres.Server); stopped by the last session that uses it."""
    from tests.base_database import server

    with server().used() as running:
        yield running


@pytest.fixture(scope="session")
def django_db_setup(postgres, django_db_blocker) -> Iterator[None]:
    """Each worker's own copy of the base. Tests are the web role's; only set-up is the owner's."""
    from tests.base_database import copy_of_base

    with copy_of_base(postgres, f"tandem_worker_{_worker()}") as name:
        with django_db_blocker.unblock():
            _point_at(name)
        try:
            yield
        finally:
            with django_db_blocker.unblock():
                _close_all()


@pytest.fixture
def own_database(postgres, django_db_setup, django_db_blocker) -> Iterator[str]:
    """For tests that commit: a database nobody else sees. Threads and subprocesses find it too."""
    with _database_for_us(postgres, django_db_blocker) as name:
        yield name


@pytest.fixture(scope="module")
def module_database(postgres, django_db_setup, django_db_blocker) -> Iterator[str]:
    """The same for all tests of a file, where a server on it is slow to start. Tests leave each other alone."""
    with _database_for_us(postgres, django_db_blocker) as name:
        yield name


@contextmanager
def _database_for_us(postgres, django_db_blocker) -> Iterator[str]:
    from django.db import connection

    from tests.base_database import copy_of_base

    before = connection.settings_dict["NAME"]
    with copy_of_base(postgres, f"tandem_own_{_worker()}") as name, django_db_blocker.unblock():
        _point_at(name)
        try:
            yield name
        finally:
            _point_at(before)


def _close_all() -> None:
    from django.db import connections

    for one in connections.all(initialized_only=True):
        one.close()


def _point_at(name: str) -> None:
    from django.db import connections

    place = os.environ["TANDEM_DATA"]
    from tests.base_database import server

    running = server()
    for alias in ("default", "owner"):
        connections[alias].close()
        for known in (connections.databases[alias], connections[alias].settings_dict):
            known.update(NAME=name, HOST=running.dsn["host"], PORT=running.dsn["port"])
        connections[alias].set_schema_to_public()
    os.environ.update(TANDEM_DB_NAME=name, TANDEM_DATA=place)


@pytest.fixture
def house(db) -> SimpleNamespace:
    """The named operators: root (Northwind), acme (a reseller) and beta (a PRO), each with its people by name."""
    return _house()


@pytest.fixture
def open_house(own_database) -> SimpleNamespace:
    """The same, in a database of its own, for tests that commit."""
    return _house()


def _house() -> SimpleNamespace:
    from tenants.lookup import operator_for_host

    return SimpleNamespace(**{name: operator_for_host(f"{name}.localhost") for name in ("root", "acme", "beta")})


@pytest.fixture
def browser_for(client):
    """`browser_for(operator)` is a test client on that operator's host; `user=` signs somebody in by name."""
    from django.test import Client

    from tenants.context import in_operator

    def make(operator, user: str | None = None) -> Client:
        made = Client(headers={"host": operator.main_domain})
        if user:
            from portal.people.middleware import SESSION_OPERATOR
            from portal.people.models import User

            with in_operator(operator):
                made.force_login(User.objects.get(username=user))
                session = made.session
                session[SESSION_OPERATOR] = operator.pk
                session.save()
        return made

    return make
