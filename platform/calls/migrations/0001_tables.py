import ledger.models
from decimal import Decimal
from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parents[1] / "sql"


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('ledger', '0001_tables'),
    ]

    operations = [
        migrations.RunSQL((SQL / 'tables.sql').read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / 'functions.sql').read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / 'policies.sql').read_text(), migrations.RunSQL.noop),
        migrations.RunSQL("select ledger_make_partitions('calls_call', (now() - interval '1 month')::date, 5)", migrations.RunSQL.noop),
        migrations.RunSQL("select ledger_make_partitions('calls_attempt', (now() - interval '1 month')::date, 5)", migrations.RunSQL.noop),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='LiveLevel',
                    fields=[
                        ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                        ('state', models.TextField(choices=[('trying', 'Trying'), ('ringing', 'Ringing'), ('answered', 'Answered'), ('ended', 'Ended')])),
                        ('created_at', models.DateTimeField()),
                        ('answered_at', models.DateTimeField(null=True)),
                        ('last_seen_at', models.DateTimeField()),
                        ('granted_seconds', models.IntegerField()),
                        ('own', models.BooleanField()),
                        ('labels', models.JSONField()),
                    ],
                    options={
                        'db_table': 'calls_livelevel',
                        'managed': False,
                    },
                ),
                migrations.CreateModel(
                    name='LiveCall',
                    fields=[
                        ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                        ('uuid', models.TextField()),
                        ('node', models.IntegerField()),
                        ('boot', models.TextField()),
                        ('operator_id', models.BigIntegerField()),
                        ('labels', models.JSONField()),
                        ('chain', models.JSONField()),
                        ('answer', models.JSONField()),
                        ('granted_seconds', models.IntegerField()),
                        ('state', models.TextField(choices=[('trying', 'Trying'), ('ringing', 'Ringing'), ('answered', 'Answered'), ('ended', 'Ended')], default='trying')),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('answered_at', models.DateTimeField(null=True)),
                        ('last_seen_at', models.DateTimeField(auto_now_add=True)),
                        ('deadline_at', models.DateTimeField()),
                        ('route_index', models.SmallIntegerField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='EstimatedCall',
                    fields=[
                        ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                        ('operator_id', models.BigIntegerField()),
                        ('labels', models.JSONField()),
                        ('chain', models.JSONField()),
                        ('created_at', models.DateTimeField()),
                    ],
                    options={
                        'db_table': 'calls_estimated',
                    },
                ),
                migrations.CreateModel(
                    name='Attempt',
                    fields=[
                        ('pk', models.CompositePrimaryKey('id', 'index', 'revision', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('id', models.BigIntegerField()),
                        ('index', models.SmallIntegerField()),
                        ('revision', models.SmallIntegerField(default=0)),
                        ('operator_id', models.BigIntegerField()),
                        ('provider_id', models.BigIntegerField()),
                        ('provider_label', models.TextField(default='')),
                        ('number', models.TextField(default='')),
                        ('started_at', models.DateTimeField()),
                        ('answered_at', models.DateTimeField(null=True)),
                        ('ended_at', models.DateTimeField()),
                        ('talk_seconds', models.IntegerField(default=0)),
                        ('cause', models.SmallIntegerField(default=0)),
                        ('sip_code', models.SmallIntegerField(default=0)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['operator_id', 'id'], name='calls_attempt_list')],
                    },
                ),
                migrations.CreateModel(
                    name='Call',
                    fields=[
                        ('pk', models.CompositePrimaryKey('id', 'operator_id', 'revision', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('id', models.BigIntegerField()),
                        ('operator_id', models.BigIntegerField()),
                        ('revision', models.SmallIntegerField(default=0)),
                        ('level', models.SmallIntegerField()),
                        ('uuid', models.TextField(default='')),
                        ('node', models.IntegerField(null=True)),
                        ('customer_id', models.BigIntegerField(null=True)),
                        ('customer_label', models.TextField(default='')),
                        ('device_id', models.BigIntegerField(null=True)),
                        ('device_label', models.TextField(default='')),
                        ('provider_id', models.BigIntegerField(null=True)),
                        ('provider_label', models.TextField(default='')),
                        ('caller', models.TextField(default='')),
                        ('called', models.TextField(default='')),
                        ('prefix', models.TextField(default='')),
                        ('destination', models.TextField(default='')),
                        ('route_index', models.SmallIntegerField(null=True)),
                        ('started_at', models.DateTimeField()),
                        ('answered_at', models.DateTimeField(null=True)),
                        ('ended_at', models.DateTimeField()),
                        ('talk_seconds', models.IntegerField(default=0)),
                        ('billed_seconds', models.IntegerField(default=0)),
                        ('buy_seconds', models.IntegerField(default=0)),
                        ('sell', ledger.models.Money(decimal_places=10, default=Decimal('0'), max_digits=30)),
                        ('sell_currency', models.TextField(default='')),
                        ('sell_base', ledger.models.Money(decimal_places=10, default=Decimal('0'), max_digits=30)),
                        ('buy', ledger.models.Money(decimal_places=10, default=Decimal('0'), max_digits=30)),
                        ('buy_currency', models.TextField(default='')),
                        ('buy_base', ledger.models.Money(decimal_places=10, default=Decimal('0'), max_digits=30)),
                        ('base_currency', models.TextField(default='')),
                        ('bought_from', models.TextField(default='')),
                        ('tariff_id', models.BigIntegerField(null=True)),
                        ('rate', ledger.models.Money(decimal_places=10, max_digits=30, null=True)),
                        ('fx', ledger.models.Money(decimal_places=12, max_digits=30, null=True)),
                        ('cause', models.SmallIntegerField(default=0)),
                        ('ended_by', models.TextField(default='')),
                        ('estimated', models.BooleanField(default=False)),
                        ('fingerprint', models.BigIntegerField(null=True)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['operator_id', 'id'], name='calls_call_list')],
                    },
                ),
                migrations.CreateModel(
                    name='CallKey',
                    fields=[
                        ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                        ('uuid', models.TextField()),
                        ('node', models.IntegerField()),
                        ('boot', models.TextField()),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('uuid', 'node', 'boot'), name='calls_callkey_name')],
                    },
                ),
            ],
        ),
    ]
