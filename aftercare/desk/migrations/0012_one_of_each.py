"""One model for following a ticket: agents' watchers become followers."""

from typing import Any

from django.db import migrations


def follow_what_was_watched(apps: Any, _editor: Any) -> None:
    """A watcher follows, unless they have said by themselves whether they want to hear; the moves say so, too."""
    Watcher, Following = apps.get_model("desk", "Watcher"), apps.get_model("desk", "Following")
    Following.objects.bulk_create(
        (
            Following(ticket_id=one.ticket_id, user_id=one.user_id, follows=True, since=one.since)
            for one in Watcher.objects.order_by("pk").iterator()
        ),
        batch_size=1_000,
        ignore_conflicts=True,
    )
    for move in apps.get_model("desk", "Move").objects.filter(before__has_key="watchers").iterator():
        move.before["followers"] = move.before.pop("watchers")
        move.save(update_fields=["before"])


class Migration(migrations.Migration):
    dependencies = [("desk", "0011_event_kinds")]

    operations = [
        migrations.RunPython(follow_what_was_watched, migrations.RunPython.noop, elidable=True),
        migrations.DeleteModel(name="Watcher"),
    ]
