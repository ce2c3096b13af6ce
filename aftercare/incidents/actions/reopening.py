"""What was resolved by hand while its alert was open, and lasts, opens again; and what a person says is not over."""

from datetime import datetime

from django.db import transaction

from aftercare.accounts.models import Customer, User
from aftercare.audit import actions as audit
from aftercare.incidents.access import open_alerts_of
from aftercare.incidents.actions.handling import add_note, tell_customers
from aftercare.incidents.actions.locking import held, hold_place, locked
from aftercare.incidents.actions.opening import page
from aftercare.incidents.actions.recording import record
from aftercare.incidents.models import Incident, IncidentAlert, Kind, Status
from aftercare.incidents.telling import promise
from aftercare.incidents.timeline import write_entry
from aftercare.incidents.words import alert_sentence, goes_on_words, reopened_words, taken_up_words
from aftercare.web.languages import in_both


@transaction.atomic
def reopen_incident(*, incident: Incident, now: datetime) -> bool:
    """Open the incident again and call whoever is on duty, when it is due and an alert of it is open still.

    Returns whether it was opened. Safe to be asked by several processes at once.
    """
    any_alert = incident.alerts.select_related("alert").first()
    if any_alert is not None:
        hold_place(any_alert.alert)
    row = held(incident.ref)
    if row is None or row.status != Status.RESOLVED or row.reopens_at is None or row.reopens_at > now:
        return False
    still = open_alerts_of(row).first()
    row.reopens_at = None
    if still is None:
        row.save(update_fields=["reopens_at"])
        return False
    open_again(row, still, now)
    return True


@transaction.atomic
def reopen_by_hand(*, incident: Incident, reason: str, wakes: bool, actor: User, now: datetime) -> None:
    """It is not over, as somebody says: it goes on, and its customers hear that it does. Twice counts once.

    With `wakes` whoever is on duty is called; without, the actor has it. Colleagues read the reason. Raises Refused
    without one, and for what was merged into another.
    """
    row = locked(incident)
    if row.status != Status.RESOLVED:
        return
    add_note(incident=row, user=actor, text=reason, now=now)
    row.status = Status.OPEN if wakes else Status.ACKNOWLEDGED
    row.acknowledged_by = None if wakes else actor
    row.acknowledged_at = row.acknowledged_at or (None if wakes else now)
    row.resolved_at = row.resolved_by = row.reopens_at = None
    row.end_reason = ""
    row.save()
    title, title_zh = in_both(lambda: row.neutral_title)
    write_entry(row, Kind.REOPENED, now=now, actor=actor, sentence=title, sentence_zh=title_zh)
    if wakes:
        page(row, now)
    promise.promise_first(row, now)
    words = goes_on_words if wakes else taken_up_words
    tell_customers(row, lambda customer: words(customer, now), now)
    record("incident.reopen", row, actor, {"wakes": wakes}, now)


def open_again(row: Incident, still: IncidentAlert, now: datetime) -> None:
    """Nobody has it, as if it had just begun; the worst alert that is open gives it its severity and title."""
    title, title_zh = in_both(lambda: alert_sentence(still.alert))
    row.status, row.severity, row.end_reason = Status.OPEN, still.alert.severity, ""
    if row.keeps_title and row.cause_id is None:
        title, title_zh = row.title, row.title_zh
    elif row.cause_id is None:
        row.title, row.title_zh = title[:200], title_zh[:200]
    else:  # every customer reads this line: it names nobody's app
        title, title_zh = in_both(lambda: row.neutral_title)
    row.resolved_at = row.resolved_by = row.acknowledged_by = row.reopens_at = None
    row.save()
    write_entry(row, Kind.REOPENED, now=now, sentence=title, sentence_zh=title_zh)
    page(row, now)
    promise.promise_first(row, now)
    tell_customers(row, lambda customer: words_for(row, still, customer, now), now)
    audit.record(
        actor=None,
        action="incident.reopen",
        subject=row.ref,
        customer_id=row.customer_id,
        detail={"alert": still.alert.ref},
        now=now,
    )


def words_for(row: Incident, still: IncidentAlert, customer: Customer, now: datetime) -> str:
    """What a ticket is told by its own customer's worst open alert; of a cause nothing where theirs are over, else that
    it goes on and no word of whose it is.
    """
    theirs = still if still.alert.customer_id == customer.pk else None
    theirs = theirs or open_alerts_of(row).filter(alert__customer=customer).first()
    if theirs is not None:
        return reopened_words(theirs.alert, customer, now)
    return "" if row.cause_id is not None else goes_on_words(customer, now)
