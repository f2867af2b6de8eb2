from __future__ import annotations

from config.logs import hide_secrets


def test_nothing_named_like_a_secret_is_written():
    event = {
        "event": "x",
        "sip_secret": "a",
        "headers": {"Authorization": "b", "host": "c"},
        "Password": "d",
        "n": 5,
    }
    shown = hide_secrets(None, "info", event)
    assert shown == {
        "event": "x", "sip_secret": "***", "headers": {"Authorization": "***", "host": "c"}, "Password": "***", "n": 5
    }  # fmt: skip
