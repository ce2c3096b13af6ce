"""Writing an update, and whom it goes to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from aftercare.accounts.models import Customer, User
from aftercare.audit import actions as audit
from aftercare.desk.models import Group, Status, Ticket
from aftercare.desk.queries import language_of
from aftercare.incidents.actions.locking import locked
from aftercare.incidents.models import Incident, Kind, Stage, Telling, Update
from aftercare.incidents.status.publishing import PublicTitle, show_update
from aftercare.incidents.telling import promise
from aftercare.incidents.telling.words import left_open
from aftercare.incidents.timeline import write_entry
from aftercare.kernel.errors import Refused

LONGEST = 10_000
LATEST_NEXT = timedelta(days=7)


@dataclass(frozen=True)
class Reading:
    """One place in which an update is read, and in which text: a customer's ticket (None: one that opens with it), or a
    service group of theirs.
    """

    customer: Customer
    ticket: Ticket | None
    is_chinese: bool
    group: Group | None = None


def readings_of(incident: Incident) -> list[Reading]:
    """Where an update of this incident would be read now, by the customers' names."""
    tickets = tickets_about(incident)
    groups = groups_of(incident.customers.values("customer"))
    found = []
    for touched in incident.customers.select_related("customer").order_by("customer__name", "pk"):
        customer = touched.customer
        theirs = [ticket for ticket in tickets if ticket.customer_id == customer.pk]
        found += [Reading(customer, ticket, language_of(ticket).startswith("zh")) for ticket in theirs]
        if not theirs:
            found.append(Reading(customer, None, customer.language.startswith("zh")))
        for group in groups_besides([one for one in groups if one.customer_id == customer.pk], theirs):
            found.append(Reading(customer, None, group.language.startswith("zh"), group))
    return found


def groups_of(customers: "Collection[int] | QuerySet[Any]") -> list[Group]:
    """The service groups of these customers in which updates are said, the oldest first."""
    groups = Group.objects.filter(customer__in=customers, enabled=True, hears_incidents=True)
    in_use = groups.filter(account__enabled=True, account__quiet=False)
    return list(in_use.select_related("account", "customer").order_by("pk"))


def groups_besides(groups: Sequence[Group], tickets: Sequence[Ticket]) -> list[Group]:
    """Those of the groups that hear nothing of it by one of these tickets, which was asked there."""
    hear_it = {ticket.group_id for ticket in tickets}
    return [group for group in groups if group.pk not in hear_it]


def tickets_about(incident: Incident, customer: Customer | None = None) -> Sequence[Ticket]:
    """The tickets of the incident that can still be spoken in, the oldest first."""
    about = Ticket.objects.filter(incident_ref=incident.ref, merged_into=None).exclude(status=Status.CLOSED)
    if customer is not None:
        about = about.filter(customer=customer)
    return list(about.select_related("customer", "contact", "opened_by", "group").order_by("pk"))


@transaction.atomic
def post_update(
    *,
    incident: Incident,
    author: User,
    stage: str,
    body: str,
    body_zh: str,
    next_within: timedelta | None,
    token: str,
    public: PublicTitle | None = None,
    seen: int | None = None,
    now: datetime,
) -> Update:
    """Tell every customer that the incident touches; the engine says it in their tickets within seconds.

    It stands on the status pages of those customers, and with `public` on everybody's under that title; who subscribed
    to them hears it. `token` is of the form it was written in: pressed twice it is one update. `seen` is the number of
    the last update that the author knew, 0 for none. Raises Refused where a text is missing, too long or still holds a
    draft's brackets, the stage is none, the next update is promised for never or for too late, and where a colleague
    told customers something since what was `seen`.
    """
    row = locked(incident)
    known = Update.objects.filter(incident=row, token=token).first()
    if known is not None:
        return known
    body, body_zh = checked(body), checked(body_zh)
    if unfilled := left_open(row, f"{body_zh}\n{body}"):
        raise Refused(_("Write what you know in place of %(what)s, or take it out.") % {"what": ", ".join(unfilled)})
    next_due_at = promised(stage, next_within, now)
    last = row.updates.select_related("author").order_by("number").last()
    if seen is not None and last is not None and last.number > seen:
        told = {"name": last.author.name, "n": last.number}
        raise Refused(_("%(name)s sent update %(n)s while you wrote. Read it; yours is kept and not sent yet.") % told)
    update = Update.objects.create(
        incident=row,
        number=(last.number if last else 0) + 1,
        stage=Stage(stage),
        body=body,
        body_zh=body_zh,
        author=author,
        at=now,
        next_due_at=next_due_at,
        token=token,
    )
    touched = row.customers.order_by("pk").values_list("customer_id", flat=True)
    Telling.objects.bulk_create(Telling(update=update, customer_id=pk, due_at=now) for pk in touched)
    show_update(update, public=public, now=now)
    promise.kept(row, now)
    if next_within is not None:
        promise.promise(row, next_within, now)
    write_entry(
        row, Kind.TOLD, now=now, actor=author, update=update.number, stage=update.stage, text=body, text_zh=body_zh
    )
    audit.record(
        actor=author,
        action="incident.update",
        subject=row.ref,
        customer_id=row.customer_id,
        detail={"number": update.number, "stage": update.stage, "customers": len(touched)},
        now=now,
    )
    return update


def checked(text: str) -> str:
    """The text as it is kept. Raises Refused."""
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not text:
        raise Refused(_("Write the update in both languages: each customer reads it in their own."))
    if len(text) > LONGEST:
        raise Refused(_("The update is longer than %(limit)s characters. Shorten it.") % {"limit": LONGEST})
    return text


def promised(stage: str, next_within: timedelta | None, now: datetime) -> datetime | None:
    """When the next update is due. Only the last one promises none. Raises Refused."""
    if stage not in Stage.values:
        raise Refused(_("Choose how far the work is."))
    if stage == Stage.RESOLVED:
        if next_within is not None:
            raise Refused(_("An update that says it is over promises no next one."))
        return None
    if next_within is None:
        raise Refused(_("Say when the next update comes: whoever waits without a time asks again."))
    if not timedelta(minutes=1) <= next_within <= LATEST_NEXT:
        raise Refused(_("The next update comes within a minute to seven days."))
    return now + next_within
