"""A rule, and the alerts it opens, may be about a measurement: its name is longer than a metric's key, and has a unit."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("watch", "0003_probe_target")]

    operations = [
        migrations.AlterField(model_name="alert", name="metric", field=models.CharField(max_length=210)),
        migrations.AlterField(model_name="monitor", name="metric", field=models.CharField(max_length=210)),
        migrations.AddField(
            model_name="alert", name="unit", field=models.CharField(blank=True, default="", max_length=70)
        ),
        migrations.AddField(
            model_name="monitor", name="unit", field=models.CharField(blank=True, default="", max_length=70)
        ),
    ]
