import ledger.models
from decimal import Decimal
from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parents[1] / "sql"


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.RunSQL((SQL / 'tables.sql').read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / 'functions.sql').read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / 'policies.sql').read_text(), migrations.RunSQL.noop),
        migrations.RunSQL("select ledger_make_partitions('ledger_transfer', (now() - interval '1 month')::date, 5)", migrations.RunSQL.noop),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='ClosedDay',
                    fields=[
                        ('day', models.DateField(primary_key=True, serialize=False)),
                        ('bound', models.BigIntegerField()),
                        ('summed', models.BooleanField(default=False)),
                    ],
                    options={
                        'db_table': 'ledger_closed',
                    },
                ),
                migrations.CreateModel(
                    name='Closing',
                    fields=[
                        ('pk', models.CompositePrimaryKey('account', 'day', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('account', models.BigIntegerField()),
                        ('day', models.DateField()),
                        ('posted', ledger.models.Money(decimal_places=10, max_digits=30)),
                    ],
                ),
                migrations.CreateModel(
                    name='Hold',
                    fields=[
                        ('pk', models.CompositePrimaryKey('source', 'account', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('source', models.BigIntegerField()),
                        ('account', models.BigIntegerField()),
                        ('operator_id', models.BigIntegerField()),
                        ('amount', ledger.models.Money(decimal_places=10, max_digits=30)),
                        ('expires_at', models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name='LateTransfer',
                    fields=[
                        ('pk', models.CompositePrimaryKey('source', 'part', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('source', models.BigIntegerField()),
                        ('part', models.SmallIntegerField()),
                        ('counts_after', models.DateField()),
                    ],
                    options={
                        'db_table': 'ledger_late',
                    },
                ),
                migrations.CreateModel(
                    name='Transfer',
                    fields=[
                        ('pk', models.CompositePrimaryKey('source', 'part', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('source', models.BigIntegerField()),
                        ('part', models.SmallIntegerField()),
                        ('operator_id', models.BigIntegerField()),
                        ('party_operator_id', models.BigIntegerField(null=True)),
                        ('kind', models.TextField()),
                        ('debit', models.BigIntegerField()),
                        ('credit', models.BigIntegerField()),
                        ('amount', ledger.models.Money(decimal_places=10, max_digits=30)),
                        ('currency', models.TextField()),
                        ('memo', models.TextField(default='')),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='Account',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('operator_id', models.BigIntegerField()),
                        ('kind', models.TextField(choices=[('customer', 'Customer'), ('operator', 'Reseller'), ('provider', 'Provider'), ('revenue', 'Revenue'), ('cost', 'Cost'), ('cash', 'Cash'), ('adjustment', 'Adjustment'), ('limit', 'Simultaneous calls'), ('capacity', 'Capacity')])),
                        ('party_operator_id', models.BigIntegerField(blank=True, null=True)),
                        ('ref', models.TextField(blank=True, default='')),
                        ('label', models.TextField(blank=True, default='')),
                        ('currency', models.TextField()),
                        ('posted', ledger.models.Money(decimal_places=10, default=Decimal('0'), max_digits=30)),
                        ('held', ledger.models.Money(decimal_places=10, default=Decimal('0'), max_digits=30)),
                        ('floor', ledger.models.Money(blank=True, decimal_places=10, max_digits=30, null=True)),
                        ('overrun', ledger.models.Money(decimal_places=10, default=Decimal('0'), max_digits=30)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('operator_id', 'kind', 'ref', 'currency'), name='ledger_account_of')],
                    },
                ),
            ],
        ),
    ]
