"""The table of the world's destinations, filled from the metadata of `phonenumbers`. Everybody reads, nobody writes."""

from django.db import migrations, models

GRANTS = """
revoke all on calls_destination from public;
grant select on calls_destination to tandem_web, tandem_engine, tandem_console;
"""


def fill(apps, schema_editor):
    # Only here: reading that metadata takes a second, which no other command should pay.
    from telecom.world import destinations

    with schema_editor.connection.cursor() as cursor:
        with cursor.copy("copy calls_destination (prefix, country, name, kind) from stdin") as rows:
            for one in destinations():
                rows.write_row((one.prefix, one.country, one.name, one.kind))
        cursor.execute("analyze calls_destination")


class Migration(migrations.Migration):
    dependencies = [("calls", "0001_tables")]

    operations = [
        migrations.CreateModel(
            name="Destination",
            fields=[
                ("prefix", models.CharField(max_length=15, primary_key=True, serialize=False, verbose_name="prefix")),
                ("country", models.CharField(max_length=3, verbose_name="country")),
                ("name", models.CharField(max_length=120, verbose_name="destination")),
                ("kind", models.CharField(choices=[("fixed", "Fixed"), ("mobile", "Mobile")], max_length=8, verbose_name="kind")),
            ],
            options={"ordering": ["prefix"]},
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
    ]
