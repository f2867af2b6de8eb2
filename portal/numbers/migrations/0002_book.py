from django.db import migrations

from tenants.books import book_tables


class Migration(migrations.Migration):
    dependencies = [("numbers", "0001_initial")]

    operations = [book_tables("numbers_location", "numbers_rule")]
