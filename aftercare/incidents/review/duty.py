"""What is owed after an incident and by when: the written report, and the word to a regulator. Clocks about its ref.

The report is owed from the end of a red incident that touched customers, graded (or not yet graded) up to the level of
the rules; the first publication stops its clock. A regulator is told within hours of the beginning, where the rules
say so and a person has confirmed a grade that grave.
"""

from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aftercare.accounts.models import User
from aftercare.accounts.queries.people import list_staff_with
from aftercare.clocks import actions as clocks
from aftercare.clocks.events import ClockBreached, ClockReached
from aftercare.clocks.models import Clock, ClockState
from aftercare.clocks.queries import clocks_about, default_hours
from aftercare.clocks.types import ALWAYS, DAY_S, Hours, Policy, Step
from aftercare.incidents.actions.locking import locked
from aftercare.incidents.actions.recording import record
from aftercare.incidents.events import EntryWritten
from aftercare.incidents.models import Grading, Incident, Kind, Publication, Severity, Status
from aftercare.incidents.review.notices import tell
from aftercare.incidents.review.rules import rules_in_force
from aftercare.incidents.timeline import write_entry
from aftercare.kernel.errors import Refused

REPORT_CLOCK, REGULATOR_CLOCK = "incident_report", "incident_regulator"
LABELS = {
    REPORT_CLOCK: gettext_noop("Written report to customers"),
    REGULATOR_CLOCK: gettext_noop("Report to the regulator"),
}
OVERDUE = {REPORT_CLOCK: Kind.REPORT_OVERDUE, REGULATOR_CLOCK: Kind.REGULATOR_OVERDUE}
STEPS = (Step(50, "half"), Step(80, "near"), Step(100, "overdue"))
NOT_OWED = gettext_noop("no longer owed")
CHANGES = {Kind.RESOLVED, Kind.REOPENED, Kind.CUSTOMER_ADDED, Kind.CUSTOMER_REMOVED, Kind.SEVERITY_RAISED}


def on_entry_written(event: EntryWritten) -> None:
    """The end of an incident, and what it changes afterwards, lets the report be owed or not."""
    if event.kind in CHANGES:
        settle(Incident.objects.get(pk=event.incident_id), event.at)


def settle(incident: Incident, now: datetime) -> None:
    """Start the clocks of what is owed now, and end those of what is not. The incident is locked by the caller."""
    rules = rules_in_force()
    grading = Grading.objects.filter(incident=incident).first()
    level = grading.level if grading else None
    is_over = incident.status == Status.RESOLVED and incident.resolved_at is not None
    is_grave = incident.severity == Severity.RED and incident.customers.exists()
    is_told = Publication.objects.filter(post_mortem__incident=incident).exists()
    owes_report = is_over and is_grave and not is_told and (level is None or level <= rules.report_up_to)
    if owes_report and incident.resolved_at is not None:
        hours = default_hours(around=incident.resolved_at.date())
        run(REPORT_CLOCK, incident, rules.report_days * working_day_s(hours), hours, incident.resolved_at)
    elif not is_told:
        clocks.cancel(kind=REPORT_CLOCK, subject_ref=incident.ref, at=now, reason=NOT_OWED)
    owes_word = rules.regulator_hours is not None and level is not None and level <= rules.regulator_up_to
    if owes_word and rules.regulator_hours is not None and not was_kept(REGULATOR_CLOCK, incident):
        run(REGULATOR_CLOCK, incident, rules.regulator_hours * 3600, ALWAYS, incident.opened_at)
    elif not owes_word:
        clocks.cancel(kind=REGULATOR_CLOCK, subject_ref=incident.ref, at=now, reason=NOT_OWED)


def run(kind: str, incident: Incident, target_s: int, hours: Hours, at: datetime) -> None:
    """Start a clock, unless it goes."""
    policy = Policy(target_s, hours, STEPS, LABELS[kind])
    clocks.start(kind=kind, subject_ref=incident.ref, customer_id=incident.customer_id, policy=policy, at=at)


def working_day_s(hours: Hours) -> int:
    """The open seconds of a calendar's longest weekday: what "a working day" is there; a day of those always open."""
    return max((sum(end - start for start, end in blocks) for blocks in hours.week), default=0) or DAY_S


def was_kept(kind: str, incident: Incident) -> bool:
    """Whether what the clock promised has happened."""
    return clocks_about(incident.ref).filter(kind=kind, state=ClockState.STOPPED).exists()


def report_published(incident: Incident, now: datetime) -> None:
    """The report is out."""
    clocks.stop(kind=REPORT_CLOCK, subject_ref=incident.ref, at=now)


@transaction.atomic
def note_regulator(*, incident: Incident, text: str, actor: User, now: datetime) -> None:
    """The regulator was told: `text` says who, how, under which number. Raises Refused without it."""
    text = text.replace("\x00", "").strip()[:2000]
    if not text:
        raise Refused(_("Say to whom it went, how, and under which number."))
    row = locked(incident)
    clocks.stop(kind=REGULATOR_CLOCK, subject_ref=row.ref, at=now)
    write_entry(row, Kind.REGULATOR_TOLD, now=now, actor=actor, text=text)
    record("incident.regulator", row, actor, {}, now)


def clocks_of(incident: Incident) -> list[Clock]:
    """What was and is owed after the incident, the newest of each kind."""
    newest: dict[str, Clock] = {}
    for clock in clocks_about(incident.ref).filter(kind__in=LABELS).exclude(state=ClockState.CANCELLED):
        newest.setdefault(clock.kind, clock)
    return [newest[kind] for kind in LABELS if kind in newest]


def on_clock_reached(event: ClockReached) -> None:
    """Whoever had the incident, and who answers for the desk, are reminded before the day has come."""
    if event.kind in LABELS:
        remind(event.kind, event.subject_ref, event.step, event.at)


def on_clock_breached(event: ClockBreached) -> None:
    """It was owed, and did not come: it stands in the timeline."""
    incident = Incident.objects.filter(ref=event.subject_ref).first() if event.kind in LABELS else None
    if incident is not None:
        write_entry(incident, OVERDUE[event.kind], now=event.at)


def remind(kind: str, ref: str, step: str, now: datetime) -> None:
    """Push to whoever had the incident; from the second reminder on to whoever manages the on-call as well."""
    incident = Incident.objects.select_related("acknowledged_by").filter(ref=ref).first()
    if incident is None:
        return
    people = {incident.acknowledged_by} if incident.acknowledged_by and incident.acknowledged_by.is_active else set()
    if step != "half" or not people:
        people |= set(list_staff_with("manage_oncall"))
    for person in sorted(people, key=lambda one: one.pk):
        tell(
            person,
            kind="incident.duty",
            subject_ref=incident.ref,
            words=partial(reminder, incident, kind, step),
            url_path=f"/incidents/{incident.ref}/review",
            now=now,
        )


def reminder(incident: Incident, kind: str, step: str) -> tuple[str, str]:
    """Title and body, in the language that is active."""
    title = _("Overdue: %(what)s") if step == "overdue" else _("Soon due: %(what)s")
    return title % {"what": _(LABELS[kind])}, incident.display_title


def today_of_provider(now: datetime) -> date:
    """Which day it is there."""
    return now.astimezone(zone_of_provider(now)).date()


def zone_of_provider(now: datetime) -> ZoneInfo:
    """The zone in which the provider's days begin and end: its default calendar's."""
    return default_hours(around=now.date()).zone
