"""Every incident has its customer now. On its own: a table whose rows were just written cannot be altered."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incidents", "0003_customer")]

    operations = [
        migrations.AlterField(
            model_name="incident",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="incidents",
                to="accounts.customer",
            ),
        ),
    ]
