"""Sentences about changes, in the language that is active."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aftercare.accounts.models import Customer
from aftercare.accounts.models.customer import in_readers_language
from aftercare.incidents.models import Change, ChangeKind, ChangeStep, NoticeKind, Suspect
from aftercare.incidents.words import duration

STORY = {
    "drafted": gettext_noop("%(name)s drafted it"),
    "edited": gettext_noop("%(name)s reworded it"),
    "announced": gettext_noop("%(name)s announced the window %(window)s"),
    "late": gettext_noop("Announced %(lead)s before its begin; promised were %(promised)s h. Reason: %(reason)s"),
    "frozen": gettext_noop("%(name)s lets it happen in the freeze “%(freeze)s”: %(reason)s"),
    "moved": gettext_noop("%(name)s moved the window to %(window)s"),
    "postponed": gettext_noop("%(name)s postponed it without a new window yet: %(reason)s"),
    "customer_added": gettext_noop("%(name)s: it touches %(customer)s, too"),
    "customer_removed": gettext_noop("%(name)s: it does not touch %(customer)s"),
    "told": gettext_noop("%(customer)s was told: %(notice)s"),
    "confirmed": gettext_noop("%(name)s confirmed the window for %(customer)s"),
    "asked": gettext_noop("%(name)s asks for %(customer)s to postpone: %(reason)s"),
    "declined": gettext_noop("%(name)s does not postpone for %(customer)s: %(reason)s"),
    "decided": gettext_noop("%(name)s decided to begin without every confirmation: %(reason)s"),
    "started": gettext_noop("%(name)s began"),
    "done": gettext_noop("%(name)s finished it"),
    "rolled_back": gettext_noop("%(name)s rolled it back: %(reason)s"),
    "cancelled": gettext_noop("%(name)s cancelled it: %(reason)s"),
    "suspected": gettext_noop("An incident began: %(incident)s"),
    "was_it": gettext_noop("%(name)s: it caused the incident %(incident)s"),
    "was_not": gettext_noop("%(name)s: it did not cause the incident %(incident)s"),
}
MANY_TOLD = gettext_noop("%(count)s customers were told: %(notice)s")
RAN = {
    ChangeKind.CHANGE: gettext_noop("change “%(title)s”"),
    ChangeKind.CUTOVER: gettext_noop("cut-over “%(title)s”"),
    ChangeKind.MAINTENANCE: gettext_noop("maintenance “%(title)s”"),
}


def span_words(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> str:
    """`2026-12-04 20:00–20:30 (Asia/Shanghai)`; the second date where it is another."""
    first, last = starts_at.astimezone(zone), ends_at.astimezone(zone)
    end = f"{last:%H:%M}" if last.date() == first.date() else f"{last:%Y-%m-%d %H:%M}"
    return f"{first:%Y-%m-%d %H:%M}–{end} ({zone.key})"


def window_words(change: Change, customer: Customer | None = None) -> str:
    """The change's window on its own wall clock, and on the customer's where that shows another time."""
    told = span_words(change.starts_at, change.ends_at, change.zone)
    zone = ZoneInfo(customer.timezone) if customer else change.zone
    if change.starts_at.astimezone(zone).utcoffset() == change.starts_at.astimezone(change.zone).utcoffset():
        return told
    return f"{told} = {span_words(change.starts_at, change.ends_at, zone)}"


def ran_words(change: Change) -> str:
    """When it ran, or since when it runs: `ran 20:00–20:30 (Asia/Shanghai)`."""
    first = (change.started_at or change.starts_at).astimezone(change.zone)
    if change.started_at is None:
        last = change.ends_at.astimezone(change.zone)
        planned = f"{first:%H:%M}–{last:%H:%M}"
        return _("was planned %(span)s (%(zone)s)") % {"span": planned, "zone": change.timezone}
    if change.ended_at is None:
        return _("runs since %(at)s (%(zone)s)") % {"at": f"{first:%H:%M}", "zone": change.timezone}
    last = change.ended_at.astimezone(change.zone)
    span = f"{first:%H:%M}–{last:%H:%M}"
    return _("ran %(span)s (%(zone)s)") % {"span": span, "zone": change.timezone}


def named(change: Change) -> str:
    """`cut-over “sh-edge-3”`."""
    return _(RAN[ChangeKind(change.kind)]) % {"title": change.display_title}


def suspect_words(suspect: Suspect) -> str:
    """`Suspect: cut-over “sh-edge-3” ran 20:00–20:30 (Asia/Shanghai)`."""
    values = {"change": named(suspect.change), "ran": ran_words(suspect.change)}
    return _("Suspect: %(change)s %(ran)s") % values


def late_words(change: Change) -> str:
    """`announced 5 h 0 min before; promised 72 h`, for a change that was announced late."""
    values = {"lead": lead_words(change), "promised": change.promised_lead_h}
    return _("announced %(lead)s before; promised %(promised)s h") % values


def lead_words(change: Change) -> str:
    """How long before its begin it was announced."""
    return duration(change.starts_at - change.announced_at) if change.announced_at else ""


def step_sentence(step: ChangeStep, count: int = 1) -> str:
    """One line of the story, for `count` steps alike; what is told in it has both languages or none."""
    data = step.data
    sentence = MANY_TOLD if count > 1 else STORY[step.kind]
    notice = NoticeKind(data["notice"]).label if "notice" in data else ""
    return _(sentence) % {
        "count": count,
        "name": step.actor.name if step.actor else _("The system"),
        "customer": step.customer.display_name if step.customer else "",
        "window": data.get("window", ""),
        "lead": data.get("lead", ""),
        "promised": data.get("promised", ""),
        "reason": data.get("reason", ""),
        "freeze": in_readers_language(data.get("freeze", ""), data.get("freeze_zh", "")),
        "incident": in_readers_language(data.get("incident", ""), data.get("incident_zh", "")),
        "notice": str(notice),
    }


def feel_words(change: Change) -> str:
    """What users may feel, in the reader's language where it was said in it; "" where nothing was."""
    return in_readers_language(change.feel, change.feel_zh) or change.feel_zh


def notice_words(kind: str, change: Change, customer: Customer, reason: str = "") -> str:
    """What a customer reads, in the language that is active. `reason` is why it is as it is."""
    values = {
        "what": named(change),
        "title": change.display_title,
        "window": window_words(change, customer),
        "until": f"{change.ends_at.astimezone(ZoneInfo(customer.timezone)):%H:%M} ({customer.timezone})",
        "reason": reason,
    }
    head = _(HEADS[NoticeKind(kind)]) % values
    lines = [head]
    if kind in (NoticeKind.AHEAD, NoticeKind.MOVED, NoticeKind.DECLINED):
        lines.append(_("Window: %(window)s") % values)
        if feel := feel_words(change):
            lines.append(_("What your users may feel: %(feel)s") % {"feel": feel})
    if kind in (NoticeKind.AHEAD, NoticeKind.MOVED):
        lines.append(_("Please confirm this window, or ask for another one: %(url)s") % {"url": address_of(change)})
    return "\n".join(lines)


HEADS = {
    NoticeKind.AHEAD: gettext_noop("We plan the %(what)s."),
    NoticeKind.MOVED: gettext_noop("The %(what)s has a new window. The earlier one does not hold any more."),
    NoticeKind.POSTPONED: gettext_noop(
        "The %(what)s is postponed and will not happen at %(window)s. We tell you the new window once it is fixed."
    ),
    NoticeKind.DECLINED: gettext_noop("We cannot postpone the %(what)s: %(reason)s"),
    NoticeKind.STARTED: gettext_noop("The %(what)s has begun. We expect to be done by %(until)s."),
    NoticeKind.DONE: gettext_noop("The %(what)s is done. If you see anything unusual, reply here."),
    NoticeKind.ROLLED_BACK: gettext_noop(
        "The %(what)s was rolled back: everything is as it was before. If you see anything unusual, reply here."
    ),
    NoticeKind.CANCELLED: gettext_noop("The %(what)s is cancelled and will not happen at %(window)s."),
    NoticeKind.FREED: gettext_noop("The %(what)s does not touch you after all."),
}


def ticket_title(change: Change) -> str:
    """The title of the ticket in which a customer is told."""
    return f"{ChangeKind(change.kind).label}: {change.display_title}"


def address_of(change: Change) -> str:
    """The change's page, as people click it."""
    return f"{settings.BASE_URL}/changes/{change.ref}"
