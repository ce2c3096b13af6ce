"""The log of an event as people read it: what they wrote, and what alerts and incidents did by themselves.

Alerts and incidents are read from where they stand, not copied: nothing can be missing, and nothing stands there twice.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.incidents.assurance.access import entries_for
from aftercare.incidents.assurance.log import entry_sentence
from aftercare.incidents.assurance.queries import alerts_of, incidents_of
from aftercare.incidents.models import Assurance
from aftercare.incidents.words import alert_sentence


@dataclass(frozen=True)
class StoryLine:
    """One line: `tone` is a state's name, `link` leads to what it tells of."""

    at: datetime
    tone: str
    sentence: str
    text: str = ""
    link: str = ""


def story_of(user: User, assurance: Assurance, now: datetime, most: int) -> list[StoryLine]:
    """The last `most` lines that this person may read of it, the newest first."""
    entries = entries_for(user, assurance).order_by("-at", "-pk")[:most]
    lines = [StoryLine(one.at, "neutral", entry_sentence(one), one.text) for one in entries]
    if assurance.started_at is not None:
        lines += incident_lines(user, assurance, now, most) + alert_lines(user, assurance, now, most)
    return sorted(lines, key=lambda line: line.at, reverse=True)[:most]


def incident_lines(user: User, assurance: Assurance, now: datetime, most: int) -> list[StoryLine]:
    """The last incidents' beginnings and ends."""
    lines = []
    for one in incidents_of(user, assurance, now).order_by("-opened_at", "-pk")[:most]:
        link = f"/incidents/{one.ref}"
        lines.append(
            StoryLine(one.opened_at, "breached", _("Incident: %(what)s") % {"what": one.display_title}, link=link)
        )
        if one.resolved_at is not None:
            told = _("Incident over: %(what)s") % {"what": one.display_title}
            lines.append(StoryLine(one.resolved_at, "resolved", told, link=link))
    return lines


def alert_lines(user: User, assurance: Assurance, now: datetime, most: int) -> list[StoryLine]:
    """The last alerts' beginnings."""
    return [
        StoryLine(
            one.opened_at,
            "breached" if one.severity == "red" else "warning",
            _("Alert: %(what)s") % {"what": alert_sentence(one)},
            link=f"/alerts/{one.ref}",
        )
        for one in alerts_of(user, assurance, now).order_by("-opened_at", "-pk")[:most]
    ]
