"""Taking an incident, and writing beside it."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from aftercare.accounts.models import Customer, User
from aftercare.audit import actions as audit
from aftercare.desk import actions as desk
from aftercare.incidents.actions.locking import held, locked
from aftercare.incidents.models import Incident, IncidentCustomer, Kind, Status
from aftercare.incidents.timeline import write_entry
from aftercare.incidents.words import acknowledged_words
from aftercare.kernel.errors import Refused
from aftercare.oncall import actions as oncall
from aftercare.oncall.queries import live_pages
from aftercare.web.languages import in_both

NOTE_LIMIT = 10_000
AS_GOOD_AS_NOW = timedelta(minutes=1)  # a form knows minutes
LONGEST_BEFORE = timedelta(days=7)


@transaction.atomic
def acknowledge_incident(*, incident: Incident, user: User, via: str = "console", now: datetime) -> None:
    """Take the incident: its open page stops calling. Without an open page the incident alone is taken."""
    page = live_pages().filter(subject_ref=incident.ref).first()
    if page is not None:
        oncall.acknowledge_page(page=page, user=user, via=via, now=now)  # answers with PageAcknowledged
    mark_acknowledged(incident_ref=incident.ref, user_id=user.pk, via=via, now=now)


@transaction.atomic
def mark_acknowledged(*, incident_ref: str, user_id: int | None, via: str = "", now: datetime) -> None:
    """Remember who took the incident. Nothing happens when somebody has it, it is over, or there is none."""
    incident = held(incident_ref)
    if incident is None or incident.status != Status.OPEN:
        return
    user = User.objects.filter(pk=user_id).first() if user_id else None
    is_first = incident.acknowledged_at is None
    incident.status = Status.ACKNOWLEDGED
    incident.acknowledged_at = incident.acknowledged_at or now
    incident.acknowledged_by = user
    incident.save()
    write_entry(incident, Kind.ACKNOWLEDGED, now=now, actor=user, via=via)
    audit.record(
        actor=user,
        action="incident.acknowledge",
        subject=incident.ref,
        customer_id=incident.customer_id,
        detail={"via": via},
        now=now,
    )
    if is_first:
        tell_customers(incident, lambda customer: acknowledged_words(customer, now), now)


@transaction.atomic
def note_escalation(
    *, incident_ref: str, user_ids: Sequence[int], by_user_id: int | None, is_handed_over: bool = False, now: datetime
) -> None:
    """Write down who is called next. Somebody who passes on what they had taken gives the incident back."""
    incident = held(incident_ref)
    if incident is None or incident.status == Status.RESOLVED:
        return
    by = User.objects.filter(pk=by_user_id).first() if by_user_id else None
    if by is not None and incident.status == Status.ACKNOWLEDGED:
        incident.status = Status.OPEN
        incident.acknowledged_by = None
        incident.save()
    people = list(User.objects.filter(pk__in=user_ids).values_list("name", flat=True))
    told: dict[str, Any] = {"handed_over": True} if is_handed_over else {}
    write_entry(incident, Kind.ESCALATED, now=now, actor=by, people=people, **told)


@transaction.atomic
def add_note(
    *,
    incident: Incident,
    user: User,
    text: str,
    happened_at: datetime | None = None,
    token: str | None = None,
    now: datetime,
) -> None:
    """Write a note for colleagues; customers never read it. A `token` makes one of two calls. Of what `happened_at` an
    earlier time it stands there in the timeline.

    Raises Refused when it is empty or too long, and for a time to come or long before the incident.
    """
    happened_at = earlier(incident, happened_at, now)
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not text:
        raise Refused(_("The note is empty. Write something, then add it."))
    if len(text) > NOTE_LIMIT:
        raise Refused(_("The note is longer than %(limit)s characters. Shorten it.") % {"limit": NOTE_LIMIT})
    if token is not None:
        row = locked(incident)
        if row.timeline.filter(kind=Kind.NOTE, actor=user, data__token=token).exists():
            return
    told: dict[str, Any] = {"token": token} if token is not None else {}
    entry = write_entry(incident, Kind.NOTE, now=now, actor=user, happened_at=happened_at, text=text, **told)
    audit.record(
        actor=user,
        action="incident.note",
        subject=incident.ref,
        customer_id=incident.customer_id,
        detail={"entry": entry.pk},
        now=now,
    )


def earlier(incident: Incident, happened_at: datetime | None, now: datetime) -> datetime | None:
    """When it happened, as a note keeps it; None for just now. Raises Refused."""
    if happened_at is None or now - AS_GOOD_AS_NOW <= happened_at <= now:
        return None
    if happened_at > now:
        raise Refused(_("That time is still to come. A note tells what happened."))
    if happened_at < incident.opened_at - LONGEST_BEFORE:
        raise Refused(_("That is more than %(n)s days before the incident began.") % {"n": LONGEST_BEFORE.days})
    return happened_at


def tell_customers(
    incident: Incident,
    words_for: Callable[[Customer], str],
    now: datetime,
    among: QuerySet[IncidentCustomer] | None = None,
) -> None:
    """Say the same in the ticket of every customer the incident touches, or of those `among` them: nothing where
    there are no words for them. The provider's own has none.
    """
    touched_now = IncidentCustomer.objects.filter(incident=incident) if among is None else among
    told = touched_now.filter(ticket__isnull=False)
    for touched in told.select_related("ticket", "customer").order_by("ticket"):
        assert touched.ticket is not None  # noqa: S101 (asked for in the query)
        words, words_zh = in_both(partial(words_for, touched.customer))
        if words:
            desk.tell_ticket(ticket=touched.ticket, body=words, body_zh=words_zh, now=now)
