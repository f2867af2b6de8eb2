from django.apps import AppConfig


class TenantsConfig(AppConfig):
    name = "tenants"

    def ready(self) -> None:
        # The models of reseller_terms are registered by importing them.
        from tenants import checks, reseller_terms  # noqa: F401
