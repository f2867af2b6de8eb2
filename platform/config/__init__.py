"""The Django project: settings, URLs, ASGI entry point, command line, and the embedded PostgreSQL."""
