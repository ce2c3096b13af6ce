"""Who answers for what, what is to be done, and when the effect stopped."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.access import can
from aftercare.accounts.models import User
from aftercare.incidents.actions.locking import locked
from aftercare.incidents.actions.recording import record
from aftercare.incidents.models import Incident, Kind, Participant, Role, Status, Task
from aftercare.incidents.timeline import write_entry
from aftercare.kernel.errors import Refused

TASKS_AT_MOST = 100


@transaction.atomic
def give_role(
    *, incident: Incident, role: str, user: User | None, seen: str | None = None, actor: User, now: datetime
) -> None:
    """Let `user` answer for the role from now on, whoever had it until now; None: nobody does.

    `seen` is the ref of whom the actor saw in it, empty for nobody; None: whoever it is. Raises Refused for a role that
    there is not, for somebody who may not act on incidents, and where somebody else took it since it was `seen`.
    """
    if role not in Role.values:
        raise Refused(_("There is no such role."))
    if user is not None and not (user.is_active and user.is_provider and can(user, "act_on_incidents")):
        raise Refused(_("%(name)s may not act on incidents.") % {"name": user.name})
    row = locked(incident)
    present = row.participants.filter(role=role, until_at=None).first()
    if (present.user_id if present else None) == (user.pk if user else None):
        return
    if seen is not None and seen != (present.user.ref if present else ""):
        told = {"name": present.user.name if present else _("nobody"), "role": Role(role).label}
        raise Refused(_("%(role)s is %(name)s by now. Look again, then set it.") % told)
    if present is not None:
        present.until_at = now
        present.save(update_fields=["until_at"])
    if user is not None:
        Participant.objects.create(incident=row, role=role, user=user, from_at=now)
    write_entry(row, Kind.ROLE, now=now, actor=actor, role=role, people=[user.name] if user else [])
    record("incident.role", row, actor, {"role": role, "person": user.ref if user else ""}, now)


@transaction.atomic
def mark_mitigated(*, incident: Incident, actor: User, now: datetime) -> None:
    """Users feel it no more, whatever is still to be repaired (止损). Twice counts once.

    Raises Refused for an incident that is over.
    """
    row = locked(incident)
    if row.mitigated_at is not None:
        return
    if row.status == Status.RESOLVED:
        raise Refused(_("The incident is over already."))
    row.mitigated_at, row.mitigated_by = now, actor
    row.save(update_fields=["mitigated_at", "mitigated_by"])
    write_entry(row, Kind.MITIGATED, now=now, actor=actor)
    record("incident.mitigate", row, actor, {}, now)


@transaction.atomic
def add_task(
    *, incident: Incident, title: str, owner: User | None, token: str | None = None, actor: User, now: datetime
) -> None:
    """Something to be done, by somebody or whoever is free. A `token` makes one of two calls.

    Raises Refused where it is empty, or one too many.
    """
    title = " ".join(title.replace("\x00", "").split())
    if not title:
        raise Refused(_("Say what is to be done."))
    row = locked(incident)
    if token is not None and row.timeline.filter(kind=Kind.TASK_ADDED, actor=actor, data__token=token).exists():
        return
    if row.tasks.count() >= TASKS_AT_MOST:
        raise Refused(_("An incident has %(limit)s tasks at most.") % {"limit": TASKS_AT_MOST})
    task = Task.objects.create(incident=row, title=title[:200], owner=owner, added_at=now)
    told: dict[str, Any] = {"people": [owner.name] if owner else []}
    if token is not None:
        told["token"] = token
    write_entry(row, Kind.TASK_ADDED, now=now, actor=actor, text=task.title, **told)
    record("incident.task", row, actor, {"task": task.pk}, now)


@transaction.atomic
def finish_task(*, incident: Incident, task_id: int, actor: User, now: datetime) -> None:
    """It is done. Twice counts once; Raises Refused for a task of another incident."""
    row = locked(incident)
    task = row.tasks.filter(pk=task_id).first()
    if task is None:
        raise Refused(_("This task is no longer there."))
    if task.done_at is not None:
        return
    task.done_at, task.done_by = now, actor
    task.save(update_fields=["done_at", "done_by"])
    write_entry(row, Kind.TASK_DONE, now=now, actor=actor, text=task.title)
    record("incident.task_done", row, actor, {"task": task.pk}, now)
