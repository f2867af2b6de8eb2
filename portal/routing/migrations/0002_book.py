from django.db import migrations

from tenants.books import book_tables


class Migration(migrations.Migration):
    dependencies = [("routing", "0001_initial")]

    operations = [book_tables("routing_provider", "routing_providerrule", "routing_lcr", "routing_lcrentry", "routing_commonuse")]
