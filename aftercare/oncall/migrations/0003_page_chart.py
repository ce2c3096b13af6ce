"""A page keeps the figures of its small chart."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("oncall", "0002_notices_outlive_deliveries")]

    operations = [
        migrations.AddField(model_name="page", name="chart", field=models.JSONField(default=dict)),
    ]
