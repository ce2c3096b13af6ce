"""Fills in evidence after the fact, opens again what was called over too early, and tells customers what they are told.

A failing query costs nothing but the chart: it is tried again, then given up.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from aftercare.desk import actions as desk
from aftercare.incidents import actions
from aftercare.incidents.access import leading_alert
from aftercare.incidents.assurance.engine import assure_due
from aftercare.incidents.changes.telling import tell_notices
from aftercare.incidents.evidence import Evidence, gather_evidence, pending_evidence
from aftercare.incidents.models import Incident, IncidentAlert, IncidentCustomer
from aftercare.incidents.noise import engine as noise
from aftercare.incidents.review.follow_ups import remind_due
from aftercare.incidents.review.impact import reckon_due
from aftercare.incidents.runbooks.running import remind_of_drills
from aftercare.incidents.telling.engine import tell_due
from aftercare.kernel.steps import take
from aftercare.oncall import actions as oncall
from aftercare.watch.models import Comparison

log = logging.getLogger(__name__)

BATCH = 10
LEASE = timedelta(seconds=30)
TRIES = 5
SECOND_LOOK = timedelta(minutes=2)  # by then the sessions of the first bad minutes have reported in full


def process_due(now: datetime) -> int:
    """Do everything that is due by now; returns how much it was. Safe to run in several processes."""
    return take(STEPS, now)


def gather_due(now: datetime) -> int:
    """Gather the evidence that is due; returns how many alerts were looked at."""
    claimed = claim(now)
    for link in claimed:
        settle(link, now)
    return len(claimed)


def reopen_due(now: datetime) -> int:
    """Open again what was resolved by hand and lasts; one that fails is put off and holds up no other."""
    opened = 0
    for incident in Incident.objects.filter(reopens_at__lte=now).order_by("reopens_at")[:BATCH]:
        try:
            opened += actions.reopen_incident(incident=incident, now=now)
        except Exception:
            log.exception("incident %s could not be opened again; put off", incident.ref)
            Incident.objects.filter(pk=incident.pk).update(reopens_at=now + LEASE)
    return opened


def claim(now: datetime) -> list[IncidentAlert]:
    """Due rows, leased until later, so that a crash only means one more try."""
    with transaction.atomic():
        due = IncidentAlert.objects.filter(evidence_due_at__lte=now).order_by("evidence_due_at")
        pks = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH])
        rows = list(
            IncidentAlert.objects.filter(pk__in=pks).select_related(
                "incident", "alert__app", "alert__customer", "alert__monitor"
            )
        )
        for row in rows:
            row.evidence_tries += 1
            row.evidence_due_at = now + LEASE * row.evidence_tries
            row.save(update_fields=["evidence_tries", "evidence_due_at"])
    return rows


def settle(link: IncidentAlert, now: datetime) -> None:
    """Gather one alert's evidence and put it into its incident and ticket."""
    alert = link.alert
    try:
        evidence = gather_evidence(alert, now)
    except Exception:  # whatever telemetry raises, the ticket and the page stand
        log.exception("evidence of alert %s could not be gathered (try %d)", alert.ref, link.evidence_tries)
        if link.evidence_tries >= TRIES:
            given_up = {**pending_evidence(alert, now), "state": "unavailable"}
            keep(link, link.evidence if link.evidence.get("series") else given_up, None, now)
        return
    second_look = alert.opened_at + SECOND_LOOK
    keep(link, evidence, second_look if alert.closed_at is None and now < second_look else None, now)


@transaction.atomic
def keep(link: IncidentAlert, evidence: Evidence, due_at: datetime | None, now: datetime) -> None:
    """Store the evidence; the ticket shows that of the customer's worst alert, the page that of the worst of all."""
    customer_id = link.alert.customer_id
    if customer_id is None:
        return  # what was measured is a customer's
    leading = leading_alert(link.incident_id, customer_id)
    leads = leading is not None and leading.pk == link.pk
    worst = leading_alert(link.incident_id)
    if worst is not None and worst.pk == link.pk:
        illustrate(link, evidence)  # first, as everything that happens to an incident takes its page first
    IncidentAlert.objects.filter(pk=link.pk).update(evidence=evidence, evidence_due_at=due_at, evidence_tries=0)
    touched = IncidentCustomer.objects.filter(incident_id=link.incident_id, customer_id=customer_id).first()
    if touched and touched.ticket_id and leads:
        desk.attach_evidence(ticket_id=touched.ticket_id, evidence=evidence, now=now)


def illustrate(link: IncidentAlert, evidence: Evidence) -> None:
    """Give the page that wakes people the small chart of what was measured."""
    unit = evidence["definition"]["unit"]
    oncall.illustrate_page(
        subject_ref=link.incident.ref,
        points=[(at / 1000, value) for at, value, _volume in evidence["series"]],
        limit=link.alert.threshold or 0,
        is_above=link.alert.comparison == Comparison.ABOVE,
        unit="" if unit == "count" else unit,
        opened_at=link.alert.opened_at,
    )


STEPS = (
    gather_due,
    reopen_due,
    tell_due,
    tell_notices,
    reckon_due,
    remind_due,
    remind_of_drills,
    assure_due,
    *noise.STEPS,
)
