"""The timeline: writing an entry, and telling it in one line."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aftercare.accounts.models import User
from aftercare.accounts.models.customer import in_readers_language
from aftercare.incidents.events import EntryWritten
from aftercare.incidents.models import NOT_RECOVERED, Incident, Kind, Role, Severity, Stage, TimelineEntry
from aftercare.incidents.status.changes import note_change
from aftercare.kernel.events import publish
from aftercare.watch.models import Alert
from aftercare.web.languages import in_both

TOGETHER = timedelta(minutes=10)

SENTENCES = {
    Kind.OPENED: gettext_noop("Incident opened: %(sentence)s"),
    Kind.ALERT_JOINED: gettext_noop("One more alert joined: %(sentence)s"),
    Kind.SEVERITY_RAISED: gettext_noop("Severity raised from warning to red"),
    Kind.PAGED: gettext_noop("The engineer on duty is being called"),
    Kind.DELIVERED: gettext_noop("Page reached %(name)s by %(channel)s"),
    Kind.ESCALATED: gettext_noop("Called next: %(people)s"),
    Kind.ACKNOWLEDGED: gettext_noop("%(name)s acknowledged"),
    Kind.TICKET_OPENED: gettext_noop("Ticket #%(number)s opened for %(customer)s"),
    Kind.CUSTOMER_REPLIED: gettext_noop("%(name)s of %(customer)s replied in ticket #%(number)s"),
    Kind.PROVIDER_REPLIED: gettext_noop("%(name)s replied to %(customer)s in ticket #%(number)s"),
    Kind.NOTE: gettext_noop("%(name)s noted"),
    Kind.ALERT_CLOSED: gettext_noop("Over: %(sentence)s"),
    Kind.RESOLVED: gettext_noop("Resolved: no alert is open any more"),
    Kind.REOPENED: gettext_noop("Opened again, it is not over: %(sentence)s"),
    Kind.TOLD: gettext_noop("%(name)s told customers: %(stage)s"),
    Kind.DECLARED: gettext_noop("%(name)s opened the incident"),
    Kind.CUSTOMER_ADDED: gettext_noop("%(name)s: it touches %(people)s, too"),
    Kind.CUSTOMER_REMOVED: gettext_noop("%(name)s: it does not touch %(people)s"),
    Kind.TICKET_LINKED: gettext_noop("%(name)s made ticket #%(number)s of %(customer)s part of it"),
    Kind.ROLE: gettext_noop("%(role)s: %(people)s, by %(name)s"),
    Kind.MITIGATED: gettext_noop("%(name)s noted that the effect stopped"),
    Kind.TASK_ADDED: gettext_noop("%(name)s set a task for %(people)s"),
    Kind.TASK_DONE: gettext_noop("%(name)s finished a task"),
    Kind.UPDATE_OVERDUE: gettext_noop("The update that customers were promised is overdue"),
    Kind.SUSPECTED: gettext_noop("%(sentence)s"),
    Kind.CHANGE_BLAMED: gettext_noop("%(name)s: it was this change. %(sentence)s"),
    Kind.CHANGE_CLEARED: gettext_noop("%(name)s: it was not this change. %(sentence)s"),
    Kind.GRADED: gettext_noop("%(name)s graded it: %(sentence)s"),
    Kind.RESPONSIBILITY: gettext_noop("%(name)s on whose it was: %(sentence)s"),
    Kind.REPORT_OVERDUE: gettext_noop("The written report that customers are owed is overdue"),
    Kind.REGULATOR_OVERDUE: gettext_noop("The report to the regulator is overdue"),
    Kind.REGULATOR_TOLD: gettext_noop("%(name)s noted the report to the regulator"),
    Kind.FOLLOW_UP: gettext_noop("%(name)s set a follow-up for %(people)s: %(sentence)s"),
    Kind.FOLLOW_UP_DONE: gettext_noop("%(name)s finished a follow-up: %(sentence)s"),
    Kind.FOLLOW_UP_DROPPED: gettext_noop("%(name)s dropped a follow-up: %(sentence)s"),
    Kind.REPORT: gettext_noop("%(name)s began the post-mortem"),
    Kind.REPORT_PUBLISHED: gettext_noop("%(name)s published the report to %(people)s"),
    Kind.RUNBOOK: gettext_noop("%(name)s took up the runbook %(sentence)s"),
    Kind.RUNBOOK_STEP: gettext_noop("%(name)s did step %(number)s: %(sentence)s"),
    Kind.PUBLISHED: gettext_noop("%(name)s put it on the public status page"),
    Kind.WITHDRAWN: gettext_noop("%(name)s took it off the public status page"),
    Kind.FLAPPING: gettext_noop(
        "It goes on and off: %(times)s times in %(minutes)s min. It is over once it stays quiet"
    ),
    Kind.LOCATED: gettext_noop("Located at %(sentence)s"),
    Kind.WIDENED: gettext_noop("Wider than that: %(sentence)s"),
    Kind.CUSTOMER_SPARED: gettext_noop("%(name)s: it does not touch %(people)s"),
    Kind.REWORDED: gettext_noop("%(name)s gave it another title"),
    Kind.SEVERITY_SET: gettext_noop("%(name)s set the severity to %(severity)s"),
    Kind.TASK_CHANGED: gettext_noop("%(name)s changed a task"),
    Kind.MERGED: gettext_noop("%(name)s: this is the same trouble, and part of it from now on: %(sentence)s"),
    Kind.MERGED_AWAY: gettext_noop("%(name)s: it is the same trouble as %(sentence)s, and goes on there"),
}
MORE_JOINED = gettext_noop("%(count)s more alerts joined, the worst of them: %(sentence)s")
MORE_OVER = gettext_noop("Over, %(count)s alerts, the worst of them: %(sentence)s")
RECOVERED = gettext_noop("Back within the limit: %(sentence)s")
UNSEEN = gettext_noop("Closed because no data comes any more: %(sentence)s")
CLOSED = gettext_noop("Closed: no alert is open any more")
PASSED_ON = gettext_noop("%(name)s cannot take it. Called next: %(people)s")
HANDED_OVER = gettext_noop("%(name)s handed it over. Called now: %(people)s")
REOPENED_BY_HAND = gettext_noop("%(name)s opened it again, it is not over: %(sentence)s")
RESOLVED_BY_HAND = gettext_noop("%(name)s resolved the incident")
# Customers read that somebody has it, not which of the provider's people were on duty.
NOBODY = {Kind.ROLE: gettext_noop("nobody"), Kind.TASK_ADDED: gettext_noop("whoever is free")}
MITIGATED_FOR_CUSTOMERS = gettext_noop("The effect stopped")
TOLD_FOR_CUSTOMERS = gettext_noop("Update: %(stage)s")
ACKNOWLEDGED_FOR_CUSTOMERS = gettext_noop("An engineer took the incident")
RESOLVED_FOR_CUSTOMERS = gettext_noop("Our engineers ended the incident")
CHANNELS = {"push": gettext_noop("the console"), "email": gettext_noop("e-mail"), "webhook": gettext_noop("webhook")}


def write_entry(
    incident: Incident,
    kind: Kind,
    *,
    now: datetime,
    actor: User | None = None,
    customer_id: int | None = None,
    happened_at: datetime | None = None,
    **data: Any,
) -> TimelineEntry:
    """Add one entry. `data` must be JSON and holds what the entry's sentence needs. Publishes EntryWritten; status
    pages follow. One that `happened_at` an earlier time stands there, and says when it was told.
    """
    note_change(incident, kind)
    entry = TimelineEntry.objects.create(
        incident=incident,
        at=happened_at or now,
        told_at=now if happened_at else None,
        kind=kind,
        actor=actor,
        customer_id=customer_id,
        data=data,
    )
    publish(EntryWritten(entry.pk, incident.pk, incident.ref, kind, now))
    return entry


def note_several(
    incident: Incident,
    kind: Kind,
    alerts: Sequence[Alert],
    sentence: Callable[[Alert], str],
    now: datetime,
    **data: Any,
) -> None:
    """One line for alerts that join or close in one breath, the worst of them first and told by its `sentence`.

    Those of others often come one by one: within TOGETHER they go on the line of the ones before, so that an outage of
    hundreds of hosts stays one line. The incident is locked by the caller.
    """
    lead = alerts[0]
    alike = {"told": not lead.is_measured, "severity": lead.severity, **data}
    last = incident.timeline.order_by("-pk").first()
    is_young = last is not None and last.kind == kind and now - last.at < TOGETHER
    is_theirs = last is not None and last.customer_id == lead.customer_id  # one line never tells of two customers
    if last is not None and is_young and is_theirs and not lead.is_measured and alike.items() <= last.data.items():
        last.data["more"] = last.data.get("more", 0) + len(alerts)
        last.save(update_fields=["data"])
        return
    title, title_zh = in_both(lambda: sentence(lead))
    write_entry(
        incident,
        kind,
        now=now,
        customer_id=lead.customer_id,
        sentence=title,
        sentence_zh=title_zh,
        alert=lead.ref,
        more=len(alerts) - 1,
        **alike,
    )


def channel_name(entry: TimelineEntry) -> str:
    """By what a page reached somebody, as people call it."""
    channel = str(entry.data.get("channel", ""))
    return _(CHANNELS[channel]) if channel in CHANNELS else channel


def entry_sentence(entry: TimelineEntry, reader: User) -> str:
    """The entry in one line, in the language that is active."""
    kind = Kind(entry.kind)
    template = SENTENCES[kind]
    if kind == Kind.ALERT_CLOSED and entry.data.get("recovered"):
        template = RECOVERED
    if kind == Kind.ALERT_CLOSED and entry.data.get("unseen"):
        template = UNSEEN
    if entry.data.get("more") and kind in (Kind.ALERT_JOINED, Kind.ALERT_CLOSED):
        template = MORE_JOINED if kind == Kind.ALERT_JOINED else MORE_OVER
    if kind == Kind.RESOLVED and entry.data.get("reason") in NOT_RECOVERED:
        template = CLOSED
    if kind == Kind.ESCALATED and entry.actor:
        template = HANDED_OVER if entry.data.get("handed_over") else PASSED_ON
    if kind == Kind.RESOLVED and entry.actor:
        template = RESOLVED_BY_HAND if reader.is_provider else RESOLVED_FOR_CUSTOMERS
    if kind == Kind.REOPENED and entry.actor and reader.is_provider:
        template = REOPENED_BY_HAND
    if kind == Kind.MITIGATED and not reader.is_provider:
        template = MITIGATED_FOR_CUSTOMERS
    if kind == Kind.TOLD and not reader.is_provider:
        template = TOLD_FOR_CUSTOMERS
    if kind == Kind.ACKNOWLEDGED and not reader.is_provider:
        template = ACKNOWLEDGED_FOR_CUSTOMERS
    data = entry.data
    return _(template) % {
        "name": entry.actor.name if entry.actor else _("The system"),
        "customer": entry.customer.display_name if entry.customer else "",
        "people": ", ".join(data.get("people", [])) or _(NOBODY.get(kind, "nobody is on duty")),
        "number": data.get("number", ""),
        "count": data.get("more", 0) + 1,
        "channel": channel_name(entry),
        "times": data.get("times", ""),
        "severity": str(Severity(data["severity"]).label) if data.get("severity") in Severity.values else "",
        "minutes": data.get("minutes", ""),
        "role": str(Role(data["role"]).label) if "role" in data else "",
        "stage": str(Stage(data["stage"]).label) if "stage" in data else "",
        "sentence": in_readers_language(str(data.get("sentence", "")), str(data.get("sentence_zh", ""))),
    }


def entry_text(entry: TimelineEntry) -> str:
    """What somebody wrote, as they wrote it; of an update, the text in the reader's language."""
    return in_readers_language(str(entry.data.get("text", "")), str(entry.data.get("text_zh", "")))
