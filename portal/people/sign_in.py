"""Beginning and ending a session."""

from __future__ import annotations

from django.contrib.auth import login
from django.http import HttpRequest

from portal.people.middleware import SESSION_OPERATOR
from portal.people.models import User


def begin_session(request: HttpRequest, user: User) -> None:
    """Sign `user` in on this operator's host; the session key is a new one."""
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    request.session[SESSION_OPERATOR] = request.operator.pk  # type: ignore[attr-defined]


def viewer(request: HttpRequest) -> User:
    """The signed-in user of a page that is guarded."""
    assert isinstance(request.user, User)
    return request.user
