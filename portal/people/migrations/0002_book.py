from django.db import migrations

from tenants.books import book_tables


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [book_tables("people_customer")]
