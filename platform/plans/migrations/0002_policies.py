"""Row-level security of what is sold, and reading a chain of sellers round it."""

from pathlib import Path

from django.db import migrations

from tenants.policies import protect

SQL = Path(__file__).parents[1] / "sql"
PRICES = "\n".join(
    protect(table, web="select, insert, update", engine="select", extra="operator_id = (select plans_parent())")
    for table in ("plans_plan", "plans_addonprice")
)


class Migration(migrations.Migration):
    dependencies = [("plans", "0001_initial"), ("tenants", "0002_policies"), ("ledger", "0001_tables")]

    operations = [
        migrations.RunSQL((SQL / "standing.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "policies.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL(PRICES, migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "pace.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL(protect("plans_pace", engine="select"), migrations.RunSQL.noop),
        migrations.RunSQL(
            protect("plans_excess", web="select, insert, update, delete", engine="select"), migrations.RunSQL.noop
        ),
    ]
