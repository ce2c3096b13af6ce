"""Rotations become schedules of one layer, covers become changes; policies and pages that are not over name them so."""

from typing import Any

from django.db import migrations


def convert(apps: Any, _editor: Any) -> None:
    """Read what there is into what there shall be; refs stay, so that links and open pages go on."""
    models = apps.get_app_config("oncall")
    made = {}
    names: set[str] = set()
    for rotation in models.get_model("Rotation").objects.order_by("id"):
        members = rotation.members.select_related("user").order_by("position")
        layer = {
            "turns": [[member.user.ref] for member in members],
            "every": f"{rotation.shift_length_days} days",
            "starts": f"{rotation.starts_on:%Y-%m-%d} {rotation.handoff_time:%H:%M:%S}",
        }
        name = rotation.name if rotation.name not in names else f"{rotation.name[:60]} ({rotation.ref})"
        names.add(name)
        made[rotation.pk] = models.get_model("Schedule").objects.create(
            ref=rotation.ref,
            name=name,
            document={"timezone": rotation.timezone, "layers": [layer] if layer["turns"] else []},
            created_at=rotation.created_at,
        )
        schedule = made[rotation.pk]
        models.get_model("ScheduleVersion").objects.create(
            schedule=schedule, version=1, name=name, document=schedule.document, at=rotation.created_at
        )
    for cover in models.get_model("Override").objects.order_by("id"):
        models.get_model("Change").objects.create(
            ref=cover.ref,
            schedule=made[cover.rotation_id],
            kind="instead",
            user_id=cover.user_id,
            starts_at=cover.starts_at,
            ends_at=cover.ends_at,
            reason=cover.reason,
            created_at=cover.created_at,
        )
    for own in models.get_model("CustomerRotation").objects.all():
        models.get_model("CustomerSchedule").objects.create(customer_id=own.customer_id, schedule=made[own.rotation_id])
    for policy in models.get_model("EscalationPolicy").objects.all():
        policy.steps = [renamed(step) for step in policy.steps]
        policy.save(update_fields=["steps"])
    for page in models.get_model("Page").objects.exclude(state="closed"):
        page.policy_snapshot["steps"] = [renamed(step) for step in page.policy_snapshot.get("steps", [])]
        page.save(update_fields=["policy_snapshot"])


def renamed(step: dict[str, Any]) -> dict[str, Any]:
    """A step as it is written now."""
    return {"kind": "schedule", "ref": step["rotation"], **{key: step[key] for key in step if key != "rotation"}}


class Migration(migrations.Migration):
    dependencies = [("oncall", "0005_schedules")]

    operations = [
        migrations.RunPython(convert, elidable=True),
        migrations.RemoveField(
            model_name="override",
            name="rotation",
        ),
        migrations.RemoveField(
            model_name="override",
            name="user",
        ),
        migrations.RemoveField(
            model_name="rotationmember",
            name="rotation",
        ),
        migrations.RemoveField(
            model_name="rotationmember",
            name="user",
        ),
        migrations.DeleteModel(
            name="CustomerRotation",
        ),
        migrations.DeleteModel(
            name="Override",
        ),
        migrations.DeleteModel(
            name="Rotation",
        ),
        migrations.DeleteModel(
            name="RotationMember",
        ),
    ]
