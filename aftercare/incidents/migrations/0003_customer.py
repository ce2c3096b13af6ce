"""An incident names its customer, so that it can be about all the customer's apps."""

import django.db.models.deletion
from django.db import migrations, models

FILL = """
UPDATE incidents_incident AS i SET customer_id = a.customer_id FROM accounts_app AS a WHERE a.id = i.app_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_shared_cache"),
        ("incidents", "0002_ending"),
        ("watch", "0002_all_apps"),
    ]

    operations = [
        migrations.AlterField(
            model_name="incident",
            name="app",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="incidents",
                to="accounts.app",
            ),
        ),
        migrations.AddField(
            model_name="incident",
            name="customer",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="incidents",
                to="accounts.customer",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop, elidable=True),
    ]
