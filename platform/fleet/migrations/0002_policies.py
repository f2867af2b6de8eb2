"""Nodes belong to the platform: the call engine knows them, an operator's pages don't."""

from django.db import migrations

SQL = """
alter table fleet_node enable row level security;
create policy engine_rows on fleet_node to tandem_engine using (true) with check (true);
create policy console_rows on fleet_node to tandem_console using (true) with check (true);
revoke all on fleet_node from public;
grant select, update on fleet_node to tandem_engine;
grant select on fleet_node to tandem_console;
"""


class Migration(migrations.Migration):
    dependencies = [("fleet", "0001_initial")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
