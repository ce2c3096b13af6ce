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

MOST = 500


@dataclass(frozen=True)
class StoryLine:
    """One line: `tone` is a state's name, `link` leads to what it tells of."""

    at: datetime
    tone: str
    sentence: str
    text: str = ""
    link: str = ""


def story_of(user: User, assurance: Assurance, now: datetime) -> list[StoryLine]:
    """Everything that this person may read of it, the newest first, at most MOST of each kind."""
    entries = entries_for(user, assurance).order_by("-at", "-pk")[:MOST]
    lines = [StoryLine(one.at, "neutral", entry_sentence(one), one.text) for one in entries]
    if assurance.started_at is not None:
        lines += incident_lines(user, assurance, now) + alert_lines(user, assurance, now)
    return sorted(lines, key=lambda line: line.at, reverse=True)


def incident_lines(user: User, assurance: Assurance, now: datetime) -> list[StoryLine]:
    """Each incident's beginning and end."""
    lines = []
    for one in incidents_of(user, assurance, now)[:MOST]:
        link = f"/incidents/{one.ref}"
        lines.append(
            StoryLine(one.opened_at, "breached", _("Incident: %(what)s") % {"what": one.display_title}, link=link)
        )
        if one.resolved_at is not None:
            told = _("Incident over: %(what)s") % {"what": one.display_title}
            lines.append(StoryLine(one.resolved_at, "resolved", told, link=link))
    return lines


def alert_lines(user: User, assurance: Assurance, now: datetime) -> list[StoryLine]:
    """Each alert's beginning."""
    return [
        StoryLine(
            one.opened_at,
            "breached" if one.severity == "red" else "warning",
            _("Alert: %(what)s") % {"what": alert_sentence(one)},
            link=f"/alerts/{one.ref}",
        )
        for one in alerts_of(user, assurance, now)[:MOST]
    ]
