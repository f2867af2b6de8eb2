"""Loaded before Django's settings: tests have their own data directory, server and database, and open operators."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]

from config import environment  # noqa: E402

if not os.environ.get("TANDEM_DATA", "").endswith("/test"):
    os.environ["TANDEM_DATA"] = str(environment.data_dir() / "test")
os.environ["TANDEM_OPENS_OPERATORS"] = "1"
os.environ["TANDEM_DB_NAME"] = "no_test_database_yet"
os.environ["EMAIL_BACKEND"] = "django.core.mail.backends.locmem.EmailBackend"
