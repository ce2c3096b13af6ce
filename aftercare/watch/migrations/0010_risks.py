import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import aftercare.kernel.ids
import aftercare.watch.models.place


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_api_tokens"),
        ("telemetry", "0002_scrape_targets"),
        ("watch", "0009_kinds"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Risk",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ref",
                    models.CharField(default=aftercare.kernel.ids.new_ref, editable=False, max_length=16, unique=True),
                ),
                ("cause", models.CharField(blank=True, default="", max_length=80)),
                ("kind", models.CharField(max_length=16)),
                ("subject", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("handling", "being handled"), ("closed", "closed")],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("severity", models.CharField(choices=[("red", "Red line"), ("warning", "Warning")], max_length=8)),
                ("lead_days", models.PositiveIntegerField()),
                ("runs_out_at", models.DateTimeField()),
                ("earliest_at", models.DateTimeField(null=True)),
                ("latest_at", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField()),
                ("measured", models.JSONField(blank=True, default=dict)),
                ("found_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("happened_at", models.DateTimeField(null=True)),
                ("overdue_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "closing",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("fixed", "fixed"),
                            ("accepted", "accepted"),
                            ("untrue", "not true"),
                            ("receded", "receded by itself"),
                            ("gone", "not looked at any more"),
                        ],
                        default="",
                        max_length=8,
                    ),
                ),
                ("accepted_until", models.DateField(null=True)),
                ("is_gone", models.BooleanField(default=False)),
            ],
            options={
                "verbose_name": "hidden risk",
            },
            bases=(aftercare.watch.models.place.Placed, models.Model),
        ),
        migrations.CreateModel(
            name="RiskDeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("found", "found"),
                            ("worse", "came closer"),
                            ("taken", "given to somebody"),
                            ("note", "note"),
                            ("overdue", "overdue"),
                            ("ran_out", "ran out"),
                            ("closed", "closed"),
                            ("confirmed", "the closing is confirmed by what is measured"),
                            ("reopened", "opened again"),
                        ],
                        max_length=10,
                    ),
                ),
                ("text", models.CharField(blank=True, default="", max_length=2000)),
                ("detail", models.JSONField(blank=True, default=dict)),
                (
                    "closing",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("fixed", "fixed"),
                            ("accepted", "accepted"),
                            ("untrue", "not true"),
                            ("receded", "receded by itself"),
                            ("gone", "not looked at any more"),
                        ],
                        default="",
                        max_length=8,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("prevented", "prevented"), ("happened", "happened")],
                        default="",
                        max_length=10,
                    ),
                ),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("undone_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="RiskReading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("value", models.FloatField()),
            ],
        ),
        migrations.CreateModel(
            name="RiskRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ref",
                    models.CharField(default=aftercare.kernel.ids.new_ref, editable=False, max_length=16, unique=True),
                ),
                ("builtin", models.CharField(editable=False, max_length=16, null=True, unique=True)),
                ("name", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("certificate", "Certificate"),
                            ("domain", "Domain"),
                            ("licence", "Licence"),
                            ("concurrency", "Concurrency ceiling"),
                            ("quota", "Quota"),
                            ("balance", "Balance"),
                            ("disk", "Disk"),
                            ("sdk_end", "SDK end of life"),
                            ("other", "Something else"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("probes", "What probes see"),
                            ("metric", "A metric and its limit"),
                            ("date", "A date set by hand"),
                            ("figures", "Figures set by hand and their limit"),
                            ("sdk", "An SDK version and its end of life"),
                        ],
                        max_length=8,
                    ),
                ),
                ("lead_days", models.JSONField(default=list)),
                ("expires_on", models.DateField(null=True)),
                ("sdk_version", models.CharField(blank=True, default="", max_length=64)),
                ("metric", models.CharField(blank=True, default="", max_length=210)),
                ("filters", models.JSONField(blank=True, default=dict)),
                ("limit", models.FloatField(null=True)),
                ("falls", models.BooleanField(default=False)),
                ("unit", models.CharField(blank=True, default="", max_length=70)),
                ("due_at", models.DateTimeField(null=True)),
                ("looked_at", models.DateTimeField(null=True)),
                ("is_known", models.BooleanField(default=False)),
                ("seen", models.JSONField(blank=True, default=dict)),
                ("created_at", models.DateTimeField()),
                ("edited_at", models.DateTimeField()),
                ("deleted_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "rule of what runs out",
            },
            bases=(aftercare.watch.models.place.Placed, models.Model),
        ),
        migrations.RemoveConstraint(
            model_name="alert",
            name="watch_alert_has_one_origin",
        ),
        migrations.AddField(
            model_name="risk",
            name="app",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="risks", to="accounts.app"
            ),
        ),
        migrations.AddField(
            model_name="risk",
            name="customer",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="risks", to="accounts.customer"
            ),
        ),
        migrations.AddField(
            model_name="risk",
            name="owner",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="alert",
            name="risk",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="alerts", to="watch.risk"
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at__isnull", True)), fields=("risk",), name="watch_one_open_of_risk"
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("heartbeat__isnull", True),
                        ("monitor__isnull", False),
                        ("risk__isnull", True),
                        ("source__isnull", True),
                    ),
                    models.Q(
                        ("heartbeat__isnull", True),
                        ("monitor__isnull", True),
                        ("risk__isnull", True),
                        ("source__isnull", False),
                    ),
                    models.Q(
                        ("heartbeat__isnull", False),
                        ("monitor__isnull", True),
                        ("risk__isnull", True),
                        ("source__isnull", True),
                    ),
                    models.Q(
                        ("heartbeat__isnull", True),
                        ("monitor__isnull", True),
                        ("risk__isnull", False),
                        ("source__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="watch_alert_has_one_origin",
            ),
        ),
        migrations.AddField(
            model_name="riskdeed",
            name="actor",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="riskdeed",
            name="risk",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="deeds", to="watch.risk"),
        ),
        migrations.AddField(
            model_name="riskrule",
            name="app",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="risk_rules", to="accounts.app"
            ),
        ),
        migrations.AddField(
            model_name="riskrule",
            name="customer",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="risk_rules",
                to="accounts.customer",
            ),
        ),
        migrations.AddField(
            model_name="riskrule",
            name="owner",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="riskreading",
            name="rule",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="readings", to="watch.riskrule"
            ),
        ),
        migrations.AddField(
            model_name="risk",
            name="rule",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="risks", to="watch.riskrule"
            ),
        ),
        migrations.AddIndex(
            model_name="riskdeed",
            index=models.Index(fields=["risk", "-at"], name="watch_risk_deeds"),
        ),
        migrations.AddIndex(
            model_name="riskdeed",
            index=models.Index(
                condition=models.Q(("outcome", ""), _negated=True), fields=["-at"], name="watch_risk_outcomes"
            ),
        ),
        migrations.AddIndex(
            model_name="riskrule",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="watch_risk_rule_due"
            ),
        ),
        migrations.AddIndex(
            model_name="riskrule",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)), fields=["customer"], name="watch_risk_rules_of"
            ),
        ),
        migrations.AddConstraint(
            model_name="riskrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("app__isnull", True), ("customer__isnull", False), _connector="OR"),
                name="watch_risk_rule_app_has_customer",
            ),
        ),
        migrations.AddConstraint(
            model_name="riskrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("expires_on__isnull", True), ("limit__isnull", False), ("source__in", ("metric", "figures"))
                    ),
                    models.Q(("expires_on__isnull", False), ("limit__isnull", True), ("source__in", ("date", "sdk"))),
                    models.Q(("expires_on__isnull", True), ("limit__isnull", True), ("source", "probes")),
                    _connector="OR",
                ),
                name="watch_risk_rule_by_source",
            ),
        ),
        migrations.AddConstraint(
            model_name="riskreading",
            constraint=models.UniqueConstraint(fields=("rule", "at"), name="watch_risk_reading_once"),
        ),
        migrations.AddIndex(
            model_name="risk",
            index=models.Index(fields=["customer", "runs_out_at"], name="watch_risks_of"),
        ),
        migrations.AddIndex(
            model_name="risk",
            index=models.Index(
                condition=models.Q(("state", "closed"), _negated=True), fields=["due_at"], name="watch_risks_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="risk",
            constraint=models.UniqueConstraint(fields=("rule", "cause"), name="watch_one_risk_of_cause"),
        ),
        migrations.AddConstraint(
            model_name="risk",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_at__isnull", False), ("state", "closed"), models.Q(("closing", ""), _negated=True)
                    ),
                    models.Q(
                        models.Q(("state", "closed"), _negated=True), ("closed_at__isnull", True), ("closing", "")
                    ),
                    _connector="OR",
                ),
                name="watch_risk_closed_with_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="risk",
            constraint=models.CheckConstraint(
                condition=models.Q(("app__isnull", True), ("customer__isnull", False), _connector="OR"),
                name="watch_risk_app_has_customer",
            ),
        ),
    ]
