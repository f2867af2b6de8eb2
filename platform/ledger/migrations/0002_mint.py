from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parents[1] / "sql" / "mint.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_tables")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
