from django.db import migrations

from tenants.books import book_tables


class Migration(migrations.Migration):
    dependencies = [("devices", "0002_initial")]

    operations = [book_tables("devices_device")]
