"""Telling people how ready we are, and asking after what is overdue."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.desk import actions as desk
from aftercare.desk.models import Severity as TicketSeverity
from aftercare.desk.models import Status as TicketStatus
from aftercare.incidents.assurance.log import write_entry
from aftercare.incidents.assurance.planning import next_notice
from aftercare.incidents.assurance.queries import readiness, readiness_sentence
from aftercare.incidents.models import Assurance, AssuranceCustomer, AssuranceItem
from aftercare.notify import actions as notify
from aftercare.web.languages import in_both

# After the owner was asked, the lead is, too; then both once a day.
LEAD_AFTER = timedelta(hours=4)
AGAIN_AFTER = timedelta(days=1)
NAMED = 10


def push(user: User, assurance: Assurance, title: Callable[[], str], body: Callable[[], str], now: datetime) -> None:
    """A notice in somebody's language that leads to the assurance."""
    with translation.override(user.language or settings.LANGUAGE_CODE):
        notify.push(
            user=user,
            kind="assurance",
            subject_ref=assurance.ref,
            title=title(),
            body=body(),
            url_path=assurance.path,
            now=now,
        )


def ask_after(item: AssuranceItem, now: datetime) -> None:
    """It is overdue: its owner is asked, and from the second time on the lead, too. The item is locked."""
    assurance = item.assurance
    asked = [item.owner or assurance.lead]
    if item.reminded and assurance.lead not in asked:
        asked.append(assurance.lead)
    for user in asked:
        push(user, assurance, lambda: _("Overdue: %(what)s") % {"what": str(item)}, lambda: str(assurance), now)
    item.remind_at = now + (AGAIN_AFTER if item.reminded else LEAD_AFTER)
    item.reminded += 1
    item.save(update_fields=["remind_at", "reminded"])


def tell_readiness(assurance: Assurance, now: datetime) -> None:
    """Tell the lead, and have the customers told where that was chosen. The assurance is locked.

    An engine that stood still over several notices tells once, how it is now.
    """
    push(assurance.lead, assurance, lambda: str(assurance), lambda: readiness_sentence(assurance, now), now)
    assurance.notice_at = next_notice(assurance, now)
    assurance.save(update_fields=["notice_at"])
    if assurance.tells_customers:
        days = max((assurance.starts_at - now + timedelta(hours=12)) // timedelta(days=1), 0)
        assurance.customers.update(tell_at=now, told_days=days)
        write_entry(assurance, "told", now=now)


def tell_customer(touched: AssuranceCustomer, now: datetime) -> None:
    """The notice in the customer's ticket about the event; without one that can be spoken in, in a new one."""
    assurance = touched.assurance
    body, body_zh = in_both(lambda: words_for(touched, now))
    title, title_zh = in_both(lambda: _("Event assurance: %(title)s") % {"title": assurance.display_title})
    ticket = touched.ticket
    if ticket is not None and ticket.status != TicketStatus.CLOSED and ticket.merged_into_id is None:
        desk.answer_in_their_language(
            ticket=ticket, author=assurance.lead, body=body, body_zh=body_zh, keeps_working=True, now=now
        )
    else:
        touched.ticket = desk.open_ticket(
            customer_id=touched.customer_id,
            app_id=None,
            title=title[:200],
            title_zh=title_zh[:200],
            severity=TicketSeverity.P4,
            body=body,
            body_zh=body_zh,
            opened_by=None,
            now=now,
        )
    touched.tell_at = None
    touched.save(update_fields=["ticket", "tell_at"])


def words_for(touched: AssuranceCustomer, now: datetime) -> str:
    """What a customer reads: when it is, how ready we are, and what is still theirs to do."""
    assurance, zone = touched.assurance, ZoneInfo(touched.assurance.zone)
    ours = readiness(assurance, now)
    when = {
        "title": assurance.display_title,
        "start": assurance.starts_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        "end": assurance.ends_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        "zone": assurance.zone,
        "lead": assurance.lead.name,
    }
    lines = [_("“%(title)s” begins at %(start)s and ends at %(end)s (%(zone)s). %(lead)s leads it on our side.") % when]
    lines.append(_("Preparation: %(sentence)s.") % {"sentence": ours.sentence})
    theirs = list(assurance.items.filter(customer=touched.customer_id, done_at=None)[: NAMED + 1])
    if theirs:
        lines.append(_("What we ask of you:"))
        lines += [f"- {item} ({item.due_at.astimezone(zone):%Y-%m-%d %H:%M})" for item in theirs[:NAMED]]
    return "\n".join(lines)
