"""Merging: one incident ends and goes on as part of another, with its alerts, customers, tickets and open tasks."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aftercare.accounts.access import can
from aftercare.accounts.models import User
from aftercare.desk import actions as desk
from aftercare.incidents.actions.handling import acknowledge_incident
from aftercare.incidents.actions.locking import held, hold_places
from aftercare.incidents.actions.recording import record
from aftercare.incidents.changes.suspecting import suspect_by_customers
from aftercare.incidents.editing.actions import follow_up_raise
from aftercare.incidents.merging import carrying
from aftercare.incidents.merging.planning import newcomers, why_not
from aftercare.incidents.models import EndReason, Incident, Kind, Severity, Status
from aftercare.incidents.telling import promise
from aftercare.incidents.timeline import write_entry
from aftercare.kernel.errors import Refused
from aftercare.oncall import actions as oncall

GOES_ON = gettext_noop("Goes on as part of another incident: %(title)s")


@transaction.atomic
def merge_incidents(*, goes: Incident, stays: Incident, actor: User, now: datetime) -> Incident:
    """`goes` is the same trouble as `stays` and part of it from now on. Returns `stays`. Twice counts once.

    Its alerts, customers, tickets, open tasks and follow-ups, its suspects, and the word that its customers were
    promised go there; its page closes, its own story stays where it is. Nobody is told anything: customers hear of it
    with the next update, once. Where it is worse than `stays`, that is as bad from now on, and calls whoever is on duty
    unless somebody has `goes`.

    Raises Refused with what `planning.why_not` says, and where either is no longer there.
    """
    hold_places([goes, stays])
    rows = {ref: held(ref) for ref in in_order(goes, stays)}
    gone, home = rows[goes.ref], rows[stays.ref]
    if gone is None or home is None:
        raise Refused(_("This incident is no longer there."))
    if gone.merged_into_id == home.pk:
        return home
    if hindrance := why_not(gone, home):
        raise Refused(hindrance)
    fresh, holder = newcomers(gone, home), holder_of(gone)
    carrying.keep_apart(gone, home, fresh)
    carrying.carry(gone, home, actor, now)
    end(gone, home, actor, now)
    desk.move_to_incident(from_ref=gone.ref, to_ref=home.ref, actor=actor, now=now)
    note(gone, home, actor, now)
    if fresh:
        suspect_by_customers(home, now)
    if (gone.severity, home.severity) == (Severity.RED, Severity.WARNING):
        worsen(home, holder, actor, now)
    promise.promise_first(home, now)
    return home


def in_order(goes: Incident, stays: Incident) -> list[str]:
    """The two refs as everybody locks two incidents: the older row first."""
    return [one.ref for one in sorted((goes, stays), key=lambda one: one.pk)]


def holder_of(gone: Incident) -> User | None:
    """Who has it and may still take pages; None for nobody."""
    holder = gone.acknowledged_by
    if gone.status != Status.ACKNOWLEDGED or holder is None:
        return None
    return holder if holder.is_active and can(holder, "acknowledge_pages") else None


def end(gone: Incident, home: Incident, actor: User, now: datetime) -> None:
    """It is over as an incident of its own: its page calls nobody any more, and whatever went into it goes along."""
    gone.merged.update(merged_into=home)
    gone.merged_into, gone.end_reason = home, EndReason.MERGED
    gone.status, gone.resolved_at, gone.resolved_by, gone.reopens_at = Status.RESOLVED, now, actor, None
    gone.save()
    oncall.close_page(subject_ref=gone.ref, words=GOES_ON, now=now)
    home.opened_at = min(home.opened_at, gone.opened_at)  # that is when the trouble was seen first
    if home.acknowledged_at is not None and gone.acknowledged_at is not None:
        home.acknowledged_at = min(home.acknowledged_at, gone.acknowledged_at)
    home.save(update_fields=["opened_at", "acknowledged_at"])


def worsen(home: Incident, holder: User | None, actor: User, now: datetime) -> None:
    """It is red from now on. Whoever had the other one has it; where nobody did, whoever is on duty is called."""
    if holder is not None:
        acknowledge_incident(incident=home, user=holder, now=now)
        home.refresh_from_db()
    home.severity = Severity.RED
    home.save(update_fields=["severity"])
    write_entry(home, Kind.SEVERITY_RAISED, now=now)
    follow_up_raise(home, holder is None, actor, now)


def note(gone: Incident, home: Incident, actor: User, now: datetime) -> None:
    """Each says where the other is; what is written of another incident is the provider's own business."""
    for one, kind, other in ((gone, Kind.MERGED_AWAY, home), (home, Kind.MERGED, gone)):
        title, title_zh = other.title, other.title_zh
        write_entry(one, kind, now=now, actor=actor, sentence=title, sentence_zh=title_zh, other=other.ref)
    record("incident.merge", gone, actor, {"into": home.ref}, now)
    record("incident.merge", home, actor, {"of": gone.ref}, now)
