"""Reseller PRO for good, what the operator above may forbid, and the lock on a currency (sql/pro.sql)."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parents[1] / "sql" / "pro.sql"
FLAGS = ("forbid_own_providers", "copies_forbidden", "forbids_copies")


class Migration(migrations.Migration):
    dependencies = [("tenants", "0002_policies")]

    operations = [
        *(migrations.AddField("operator", name, models.BooleanField(default=False)) for name in FLAGS),
        migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop),
    ]
