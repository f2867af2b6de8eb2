from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "portal.people"

    def ready(self) -> None:
        from plans.catalogue import CUSTOMERS
        from plans.counting import counted
        from portal.people.models import Customer

        # Archived ones count too: else hiding some would make room for more. Resellers are counted as operators.
        for key in CUSTOMERS.values():
            counted(key, count=Customer.objects.filter(operator_id=None).count)
