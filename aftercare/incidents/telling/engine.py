"""Says updates in the tickets of whom they are for: one customer a transaction, so that one that fails holds nobody."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from aftercare.desk import actions as desk
from aftercare.desk.models import Message
from aftercare.incidents.actions.opening import TICKET_SEVERITY
from aftercare.incidents.models import Incident, IncidentCustomer, Severity, Stage, Telling
from aftercare.incidents.telling.posting import groups_besides, groups_of, tickets_about
from aftercare.web.languages import in_both

log = logging.getLogger(__name__)

AT_ONCE = 200
AGAIN_AFTER = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=10)
REASON_AT_MOST = 200


def tell_due(now: datetime) -> int:
    """Tell the customers who are due; returns how many were told. Safe to run in several processes."""
    told = 0
    for _turn in range(AT_ONCE):
        pk = None
        try:
            with transaction.atomic():
                telling = next_due(now)
                if telling is None:
                    return told
                pk = telling.pk
                tell(telling, now)
                told += 1
        except Exception as error:
            if pk is None:
                raise
            log.exception("telling %s failed; tried again later", pk)
            put_off(pk, error, now)
    return told


def next_due(now: datetime) -> Telling | None:
    """The one that has been due longest, locked."""
    due = Telling.objects.select_for_update(skip_locked=True, of=("self",)).filter(told_at=None, due_at__lte=now)
    about = due.select_related("update__incident__merged_into", "update__author", "customer")
    return about.order_by("due_at", "update__number", "pk").first()


def tell(telling: Telling, now: datetime) -> None:
    """The update in each open ticket of this customer about the incident, without one in a new ticket; and in each of
    their service groups that does not hear it by one of these tickets.

    In tickets it is the author who speaks, and who goes on working: the promises of the tickets run on. In groups it is
    nobody: a question that waits there for its first reply is not answered by it.
    """
    update = telling.update
    incident = update.incident.merged_into or update.incident  # its tickets went there
    tickets = tickets_about(incident, telling.customer)
    for ticket in tickets:
        desk.answer_in_their_language(
            ticket=ticket,
            author=update.author,
            body=update.body,
            body_zh=update.body_zh,
            keeps_working=update.stage != Stage.RESOLVED,
            now=now,
        )
    if not tickets:
        title, title_zh = titles_for(incident, telling.customer_id)
        ticket = desk.open_ticket(
            customer_id=telling.customer_id,
            app_id=None,
            title=title,
            title_zh=title_zh,
            severity=TICKET_SEVERITY[Severity(incident.severity)],
            body=update.body,
            body_zh=update.body_zh,
            opened_by=None,
            incident_ref=incident.ref,
            now=now,
        )
        touched = IncidentCustomer.objects.filter(incident=incident, customer=telling.customer, ticket=None)
        touched.update(ticket=ticket)
    for group in groups_besides(groups_of([telling.customer_id]), tickets):
        body = update.body_zh if group.language.startswith("zh") else update.body
        desk.post_in_group(group=group, speaker=None, body=body, now=now)
    telling.told_at, telling.reason = now, ""
    telling.save(update_fields=["told_at", "reason"])


def titles_for(incident: Incident, customer_id: int) -> tuple[str, str]:
    """The title of a ticket that an update opens for this customer, in both languages: the incident's own where it is
    about them, or a person worded it for all whom it touches; else what tells of nobody.
    """
    is_for_them = incident.declared_by_id is not None or incident.customer_id == customer_id
    if incident.cause_id is None and is_for_them:
        return incident.title, incident.title_zh
    return in_both(lambda: incident.neutral_title if incident.cause_id is not None else _("Service disruption"))


def is_update(incident: Incident, message: Message) -> bool:
    """Whether these words are an update that is being said in a ticket: it has its own line in the timeline."""
    if message.ticket is None or message.author is None:
        return False
    its = Q(update__incident=incident) | Q(update__incident__merged_into=incident)
    saying = Telling.objects.filter(its, customer=message.ticket.customer_id, told_at=None)
    said = Q(update__body=message.body) | Q(update__body_zh=message.body)
    return saying.filter(said, update__author=message.author).exists()


def put_off(pk: int, error: Exception, now: datetime) -> None:
    """Again later, each time a little later; the page says so and why."""
    row = Telling.objects.get(pk=pk)
    row.tries += 1
    row.due_at = now + min(AGAIN_AFTER * row.tries, LONGEST_WAIT)
    row.reason = (str(error) or type(error).__name__)[:REASON_AT_MOST]
    row.save(update_fields=["tries", "due_at", "reason"])
