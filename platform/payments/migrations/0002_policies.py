"""Each operator sees what its own Stripe account said and was asked."""

from django.db import migrations

from tenants.policies import protect


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial"), ("tenants", "0002_policies")]

    operations = [
        migrations.RunSQL(
            protect(table, web="select, insert, update", engine="select"), migrations.RunSQL.noop
        )
        for table in ("payments_stripeevent", "payments_stripecall")
    ]
