"""Correcting a task; whoever saves second sees what the first one wrote."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.incidents.actions.locking import locked
from aftercare.incidents.actions.recording import record
from aftercare.incidents.models import Incident, Kind, Task
from aftercare.incidents.timeline import write_entry
from aftercare.kernel.errors import Refused


@transaction.atomic
def change_task(
    *,
    incident: Incident,
    task_id: int,
    title: str,
    owner: User | None,
    seen: tuple[str, str] | None,
    actor: User,
    now: datetime,
) -> Task:
    """Reword a task, or give it to somebody else. `seen`: its title and its owner's ref as the writer saw them.

    Raises Refused for a task of another incident or that is done, without a title, and where it says something else by
    now; the sentence says what both wrote.
    """
    title = " ".join(title.replace("\x00", "").split())[:200]
    if not title:
        raise Refused(_("Say what is to be done."))
    row = locked(incident)
    task = row.tasks.select_related("owner").filter(pk=task_id).first()
    if task is None:
        raise Refused(_("This task is no longer there."))
    present = (task.title, task.owner.ref if task.owner else "")
    if present == (title, owner.ref if owner else ""):
        return task
    if task.done_at is not None:
        raise Refused(_("“%(title)s” is done: it is not changed any more.") % {"title": task.title})
    if seen is not None and seen != present:
        raise Refused(
            _("The task says “%(present)s” (%(owner)s) by now. You wrote “%(title)s”: nothing was overwritten.")
            % {"present": task.title, "owner": task.owner or _("whoever is free"), "title": title}
        )
    task.title, task.owner = title, owner
    task.save(update_fields=["title", "owner"])
    people = [owner.name] if owner else []
    write_entry(row, Kind.TASK_CHANGED, now=now, actor=actor, text=title, people=people)
    record("incident.task_change", row, actor, {"task": task.pk, "before": present[0]}, now)
    return task
