"""Correcting an incident: its title and its severity; whoever saves second sees what the first one wrote."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.desk import actions as desk
from aftercare.incidents.actions.handling import acknowledge_incident
from aftercare.incidents.actions.locking import locked
from aftercare.incidents.actions.opening import TICKET_SEVERITY, page
from aftercare.incidents.actions.recording import record
from aftercare.incidents.models import Incident, Kind, Severity, Status
from aftercare.incidents.telling import promise
from aftercare.incidents.timeline import write_entry
from aftercare.kernel.errors import Refused

TITLE_AT_MOST, REASON_AT_MOST = 200, 300


@dataclass(frozen=True)
class Facts:
    """What can be corrected by hand."""

    title: str
    title_zh: str
    severity: str


class Changed(Refused):
    """Somebody, or an alert, changed it since it was looked at. `present` is what it says now."""

    def __init__(self, present: Facts) -> None:
        super().__init__(_("It was changed while you wrote. Nothing is overwritten: look at both, then save again."))
        self.present = present


def facts_of(incident: Incident) -> Facts:
    """What it says at present."""
    return Facts(incident.title, incident.title_zh, incident.severity)


@transaction.atomic
def edit_incident(
    *, incident: Incident, said: Facts, seen: Facts | None, reason: str, wakes: bool, actor: User, now: datetime
) -> Incident:
    """Give it this title and severity. `seen` is what the writer looked at; None: whatever it says.

    A title by hand is not reworded by alerts any more. Raised to red with `wakes`, whoever is on duty is called, and
    the first word to customers is due as if an alert had raised it. Lowered, nobody is called any more: whoever lowers
    it has it. It becomes red again where a red alert opens, or turns red, after that.

    Raises Changed where it says something else by now, and Refused without a title, for a severity that there is not,
    for one changed without a `reason`, and for the severity of an incident that is over.
    """
    row = locked(incident)
    said, present = checked(said), facts_of(row)
    if said == present:
        return row
    if seen is not None and seen != present:
        raise Changed(present)
    reason = " ".join(reason.replace("\x00", "").split())
    if said.severity != present.severity:
        check_severity(row, reason)
    if (said.title, said.title_zh) != (present.title, present.title_zh):
        reword(row, said, actor, now)
    if said.severity != present.severity:
        grade(row, said.severity, reason, actor, now)
        if said.severity == Severity.RED:
            follow_up_raise(row, wakes, actor, now)
        elif row.status == Status.OPEN:
            acknowledge_incident(incident=row, user=actor, now=now)
    return row


def checked(said: Facts) -> Facts:
    """The facts as they are kept. Raises Refused."""
    title, title_zh = (" ".join(text.replace("\x00", "").split()) for text in (said.title, said.title_zh))
    if not title and not title_zh:
        raise Refused(_("Say in one sentence what is broken."))
    if max(len(title), len(title_zh)) > TITLE_AT_MOST:
        raise Refused(_("The title is longer than %(n)s characters. Shorten it.") % {"n": TITLE_AT_MOST})
    if said.severity not in Severity.values:
        raise Refused(_("Choose a severity."))
    return Facts(title or title_zh, title_zh, said.severity)


def check_severity(row: Incident, reason: str) -> None:
    """Raise Refused for a severity that nobody could explain."""
    if row.status == Status.RESOLVED:
        raise Refused(_("The incident is over: its severity stays. Grade it instead."))
    if not reason:
        raise Refused(_("Say why the severity changes: whoever takes over reads it."))
    if len(reason) > REASON_AT_MOST:
        raise Refused(_("The reason is longer than %(n)s characters. Shorten it.") % {"n": REASON_AT_MOST})


def reword(row: Incident, said: Facts, actor: User, now: datetime) -> None:
    """It has this title from now on, whatever alerts come."""
    before = row.title
    row.title, row.title_zh, row.titled_by = said.title, said.title_zh, actor
    row.save(update_fields=["title", "title_zh", "titled_by"])
    write_entry(row, Kind.REWORDED, now=now, actor=actor, text=row.title, text_zh=row.title_zh)
    record("incident.reword", row, actor, {"title": row.title, "before": before}, now)


def grade(row: Incident, severity: str, reason: str, actor: User, now: datetime) -> None:
    """It has this severity from now on; its line says why."""
    row.severity = severity
    row.save(update_fields=["severity"])
    write_entry(row, Kind.SEVERITY_SET, now=now, actor=actor, severity=severity, text=reason)
    record("incident.severity", row, actor, {"severity": severity, "reason": reason}, now)


def follow_up_raise(row: Incident, wakes: bool, actor: User, now: datetime) -> None:
    """What follows where it became red: tickets rank up, customers are owed a word, somebody is woken."""
    wanted = TICKET_SEVERITY[Severity.RED]
    for touched in row.customers.select_related("ticket").filter(ticket__severity__gt=wanted).order_by("pk"):
        if touched.ticket is not None:
            desk.set_severity(ticket=touched.ticket, severity=wanted, user=actor, now=now)
    promise.promise_first(row, now)
    if wakes:
        row.status = Status.OPEN
        row.save(update_fields=["status"])
        page(row, now)


def as_told(facts: Facts) -> dict[str, str]:
    """The facts as a form carries them unseen."""
    return {f"seen_{name}": value for name, value in asdict(facts).items()}
