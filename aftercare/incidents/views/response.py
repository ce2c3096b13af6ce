"""Roles, tasks and the end of the effect: what people do about an incident, from its page."""

from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.incidents import actions
from aftercare.incidents.models import Incident
from aftercare.incidents.views.incident import deed
from aftercare.kernel.errors import Refused


@deed("act_on_incidents")
def mitigate(request: HttpRequest, user: User, incident: Incident, now: datetime) -> None:
    """Users feel it no more."""
    actions.mark_mitigated(incident=incident, actor=user, now=now)


@deed("act_on_incidents")
def role(request: HttpRequest, user: User, incident: Incident, now: datetime) -> None:
    """Somebody answers for a role; an empty `person`: nobody."""
    said = request.POST
    whom = named(said.get("person", ""))
    role, seen = said.get("role", ""), said.get("seen")
    actions.give_role(incident=incident, role=role, user=whom, seen=seen, actor=user, now=now)


@deed("act_on_incidents")
def task(request: HttpRequest, user: User, incident: Incident, now: datetime) -> None:
    """Something to be done, by somebody or whoever is free."""
    owner = named(request.POST.get("person", ""))
    actions.add_task(incident=incident, title=request.POST.get("title", ""), owner=owner, actor=user, now=now)


@deed("act_on_incidents")
def task_done(request: HttpRequest, user: User, incident: Incident, now: datetime) -> None:
    """It is done."""
    actions.finish_task(incident=incident, task_id=numbered(request), actor=user, now=now)


def numbered(request: HttpRequest) -> int:
    """The task that a form names; 0 for none."""
    said = request.POST.get("task", "")
    return int(said) if said.isdecimal() and len(said) < 10 else 0


def named(ref: str) -> User | None:
    """One of our own people; None for an empty ref. Raises Refused for anybody else."""
    if not ref:
        return None
    found = User.objects.filter(ref=ref[:16].replace("\x00", ""), is_active=True, customer=None).first()
    if found is None:
        raise Refused(_("Choose one of our own people."))
    return found
