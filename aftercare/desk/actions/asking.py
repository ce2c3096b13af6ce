"""Asking the customer for what this trade needs to know first, and keeping what is known."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.http import Http404
from django.utils import translation
from django.utils.translation import gettext as _

from aftercare.accounts.models import App, User
from aftercare.desk.actions.locking import locked
from aftercare.desk.actions.recording import keep
from aftercare.desk.actions.talking import reply
from aftercare.desk.finding import apps_of
from aftercare.desk.models import Fact, FieldRequest, Status, Ticket, TicketFact
from aftercare.kernel.clock import from_epoch_ms
from aftercare.kernel.errors import Refused
from aftercare.telemetry.access import get_session_for
from aftercare.telemetry.queries import SessionSummary

LONGEST = 200


@transaction.atomic
def request_fields(*, ticket: Ticket, fields: Sequence[str], actor: User, now: datetime) -> FieldRequest:
    """Ask the customer for these fields; the ticket shows them a small form, and a message says so.

    Asking again while the form is open adds to it. Raises Refused without a field, or on a settled ticket.
    """
    row = locked(ticket, None)
    if row.status in (Status.SOLVED, Status.CLOSED):
        raise Refused(_("This ticket is settled. Open it again before you ask."))
    chosen = [field.value for field in Fact if field in fields]
    if not chosen or len(chosen) != len(set(fields)):
        raise Refused(_("Choose the fields that the customer shall fill in."))
    asked = FieldRequest.objects.filter(ticket=row, answered_at__isnull=True).first()
    if asked is not None:
        new = [field for field in chosen if field not in asked.fields]
        asked.fields = [*asked.fields, *new]
        asked.save(update_fields=["fields"])
        if not new:
            return asked
        chosen = new
    else:
        asked = FieldRequest.objects.create(ticket=row, fields=chosen, asked_by=actor, asked_at=now)
    with translation.override(row.customer.language):
        names = _(", ").join(str(Fact(field).label) for field in chosen)
        body = _("To find what happened we need: %(fields)s. There is a short form for it on this ticket's page.")
        body = body % {"fields": names}
    reply(ticket=row, author=actor, body=body, now=now)
    keep(row, "ticket.fields_asked", actor, {"fields": chosen}, now)
    return asked


@transaction.atomic
def answer_fields(*, ticket: Ticket, values: Mapping[str, str], actor: User, now: datetime) -> list[TicketFact]:
    """Keep what the customer filled in; the rest stays unknown. Raises Refused when nothing is asked or told."""
    row = locked(ticket, None)
    asked = FieldRequest.objects.select_for_update().filter(ticket=row, answered_at__isnull=True).first()
    if asked is None:
        raise Refused(_("Nobody asks for these fields any more."))
    told = {field: cleaned(values.get(field, "")) for field in asked.fields}
    told = {field: value for field, value in told.items() if value}
    if not told:
        raise Refused(_("Fill in at least one field. What you do not know may stay empty."))
    facts = [tell_fact(row, field, value, by=actor, now=now) for field, value in told.items()]
    asked.answered_by, asked.answered_at = actor, now
    asked.save(update_fields=["answered_by", "answered_at"])
    lines = [f"{Fact(field).label}: {value}" for field, value in told.items()]
    reply(ticket=row, author=actor, body="\n".join(lines), now=now)
    keep(row, "ticket.fields_answered", actor, {"fields": sorted(told)}, now)
    return facts


def take_facts_from(*, ticket: Ticket, app: str, session: str, actor: User, now: datetime) -> list[TicketFact]:
    """Fill fields from a session, by its own id, in one of the ticket's apps (by ref).

    Raises Refused where that session is not the ticket's customer's, or is not kept any more.
    """
    try:
        if app not in [one.ref for one in apps_of(actor, ticket)]:
            raise Http404
        found_app, found = get_session_for(actor, app, session, now=now)
    except Http404:
        raise Refused(_("This session is not one of this customer's, or its reports have expired.")) from None
    started = found.started_at if isinstance(found, SessionSummary) else from_epoch_ms(found.start)
    return take_facts_of_session(
        ticket=ticket, app=found_app, session=session, known=found.facts, started_at=started, actor=actor, now=now
    )


@transaction.atomic
def take_facts_of_session(
    *,
    ticket: Ticket,
    app: App,
    session: str,
    known: Mapping[str, str],
    started_at: datetime,
    actor: User,
    now: datetime,
) -> list[TicketFact]:
    """Fill fields that nobody has told from a session that was found: SDK version, device, network, room, time.

    `known` are the session's facts by telemetry's names. What a person told is never overwritten.
    """
    row = locked(ticket, None)
    values = {
        Fact.APP_ID: app.ref,
        Fact.ROOM: known.get("stream") or known.get("call") or "",
        Fact.TIME: started_at.isoformat(timespec="seconds"),
        Fact.SDK_VERSION: " ".join(filter(None, (known.get("sdk"), known.get("sdk_version")))),
        Fact.DEVICE: known.get("device", ""),
        Fact.NETWORK: " ".join(filter(None, (known.get("carrier"), known.get("network")))),
    }
    told_by_people = set(TicketFact.objects.filter(ticket=row, session="").values_list("field", flat=True))
    kept = [
        tell_fact(row, field, cleaned(value), by=actor, session=session[:128], now=now)
        for field, value in values.items()
        if value and field not in told_by_people
    ]
    keep(row, "ticket.facts_found", actor, {"session": session[:128], "fields": [fact.field for fact in kept]}, now)
    return kept


def tell_fact(ticket: Ticket, field: str, value: str, *, by: User, session: str = "", now: datetime) -> TicketFact:
    """Keep one fact in place of what was known of it."""
    fact, _is_new = TicketFact.objects.update_or_create(
        ticket=ticket, field=field, defaults={"value": value, "session": session, "told_by": by, "at": now}
    )
    return fact


def cleaned(value: str) -> str:
    """One line of at most LONGEST characters."""
    return " ".join(value.replace("\x00", "").split())[:LONGEST]
