from django.db import migrations

from tenants.books import book_tables


class Migration(migrations.Migration):
    dependencies = [("tariffs", "0001_initial")]

    operations = [book_tables("tariffs_currency", "tariffs_tariff", "tariffs_rate")]
