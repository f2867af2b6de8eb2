"""Failed sign-ins, counted per operator, name and address, so that nobody can guess passwords all day.

Simple on purpose: the count lives in the cache (whose keys know the operator) and is forgotten with it.
"""

from __future__ import annotations

import hashlib
import unicodedata

from django.core.cache import cache
from django.http import HttpRequest

MOST_FAILURES = 10
# From then on a robot test, if the operator has one.
ASKED_AFTER = 3
WINDOW_SECONDS = 15 * 60


def is_barred(request: HttpRequest, name: str) -> bool:
    return cache.get(_key(request, name), 0) >= MOST_FAILURES


def needs_captcha(request: HttpRequest, name: str) -> bool:
    return cache.get(_key(request, name), 0) >= ASKED_AFTER


def count_failure(request: HttpRequest, name: str) -> None:
    key = _key(request, name)
    cache.add(key, 0, WINDOW_SECONDS)
    try:
        cache.incr(key)
    except ValueError:
        # It ran out between the two; the next failure counts again.
        return


def forget_failures(request: HttpRequest, name: str) -> None:
    cache.delete(_key(request, name))


def _key(request: HttpRequest, name: str) -> str:
    typed = f"{request.META.get('REMOTE_ADDR', '')} {unicodedata.normalize('NFKC', name).casefold()}"
    return f"failed-sign-ins-{hashlib.sha256(typed.encode('utf-8', 'replace')).hexdigest()}"
