"""A rule, and the alerts it opens, may be about all apps of a customer: `app` is empty then."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_shared_cache"),
        ("watch", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="alert",
            name="app",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="alerts", to="accounts.app"
            ),
        ),
        migrations.AlterField(
            model_name="monitor",
            name="app",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="monitors", to="accounts.app"
            ),
        ),
    ]
