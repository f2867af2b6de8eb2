from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "plans"

    def ready(self) -> None:
        # What the inbox works off for us is registered by importing it.
        from plans import from_stripe  # noqa: F401
