"""A group whose customer waits: the expert is reminded, then the deputy, then the manager. Outbox rows only."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aftercare.accounts.access import GRANTS
from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.clocks.events import ClockBreached, ClockReached, ClockStopped
from aftercare.clocks.models import Clock
from aftercare.desk.models import GROUP_REPLY, Group, Message, Side
from aftercare.notify import actions as notify
from aftercare.notify.models import Urgency
from aftercare.notify.queries import usable_contacts

REMINDER = "group.waiting"
ANSWERED = gettext_noop("The group was answered.")
EXCERPT = 140
LADDER = ("expert", "deputy", "manager")


def on_clock_reached(event: ClockReached) -> None:
    """A step of a group's first-reply clock: remind whoever stands on it."""
    if event.kind != GROUP_REPLY:
        return
    group = Group.objects.select_related("customer", "expert", "deputy", "manager").get(ref=event.subject_ref)
    clock = Clock.objects.get(pk=event.clock_id)
    people = standing_on(group, event.step)
    for person in people:
        remind(person, group, clock, event.at)
    audit.record(
        actor=None,
        action="group.remind",
        subject=group.ref,
        customer_id=group.customer_id,
        detail={"step": event.step, "percent": event.percent, "told": [person.ref for person in people]},
        now=event.at,
    )


def on_clock_breached(event: ClockBreached) -> None:
    """The promise of a group is broken: that stays on record."""
    if event.kind != GROUP_REPLY:
        return
    group = Group.objects.get(ref=event.subject_ref)
    detail = {"clock": event.clock_id, "target_s": group.reply_target_s}
    audit.record(
        actor=None,
        action="group.overdue",
        subject=group.ref,
        customer_id=group.customer_id,
        detail=detail,
        now=event.at,
    )


def on_clock_stopped(event: ClockStopped) -> None:
    """Answered: reminders that still wait to go out are taken back."""
    if event.kind == GROUP_REPLY:
        notify.drop_pending(subject_ref=event.subject_ref, kind=REMINDER, reason=ANSWERED)


def standing_on(group: Group, step: str) -> list[User]:
    """Who is reminded at this step: the person named for it; where there is none, the next who is; at the end of the
    ladder everyone who manages the desk, so that a group without names is never silent.
    """
    for place in LADDER[LADDER.index(step) :]:
        person: User | None = getattr(group, place)
        if person is not None and person.is_active:
            return [person]
    return list(desk_managers())


def desk_managers() -> QuerySet[User]:
    """Everyone who manages the desk."""
    roles = [role for role, granted in GRANTS.items() if "manage_desk" in granted]
    return User.objects.filter(is_active=True, customer__isnull=True, role__in=roles)


def remind(person: User, group: Group, clock: Clock, now: datetime) -> None:
    """The oldest words that nobody has answered, urgently."""
    waiting = Message.objects.filter(group=group, side=Side.CUSTOMER)
    if group.waiting_since is not None:
        waiting = waiting.filter(created_at__gte=group.waiting_since)
    asked = waiting.order_by("created_at", "pk").first()
    write_to(
        person,
        kind=REMINDER,
        subject_ref=group.ref,
        url_path=f"/groups/{group.ref}",
        words=lambda: sentences(group, clock, asked.body if asked else "", now),
        now=now,
    )


def write_to(
    person: User, *, kind: str, subject_ref: str, url_path: str, words: Callable[[], tuple[str, str]], now: datetime
) -> None:
    """One urgent message for each way to reach the person; `words` (title, text) in their language and zone."""
    with translation.override(person.language or settings.LANGUAGE_CODE), timezone.override(person.timezone):
        title, body = words()
    for contact in usable_contacts(person):
        notify.send(
            user=person,
            contact=contact if contact.pk else None,
            channel=contact.channel,
            address=contact.address,
            kind=kind,
            subject_ref=subject_ref,
            title=title,
            body=body,
            url_path=url_path,
            urgency=Urgency.URGENT,
            now=now,
        )


def sentences(group: Group, clock: Clock, words: str, now: datetime) -> tuple[str, str]:
    """Title and text of a reminder, in the language that is active."""
    names = {"group": str(group), "customer": str(group.customer)}
    if clock.due_at is None or now < clock.due_at:
        title = _("%(customer)s waits in “%(group)s”") % names
    else:
        title = _("Overdue: %(customer)s waits in “%(group)s”") % names
    said = {
        "since": date_format(timezone.localtime(group.waiting_since or clock.started_at), "H:i:s"),
        "due": date_format(timezone.localtime(clock.due_at or now), "H:i:s"),
        "words": words[:EXCERPT],
    }
    return title, _("“%(words)s” — asked at %(since)s, an answer is owed by %(due)s. Answer in the group.") % said
