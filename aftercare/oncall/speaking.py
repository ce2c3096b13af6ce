"""What a page says in rooms and to programs on its way: nobody wakes by it, so nobody waits for it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from aftercare.notify import actions as notify
from aftercare.notify.models import Delivery, State, Urgency
from aftercare.oncall.models import Page, PagePost, Room, Severity
from aftercare.oncall.wording import PAGE_KIND


def speak(passed: Sequence[tuple[Page, Mapping[str, Any]]], now: datetime) -> None:
    """Write an outbox row for each room that pages came past, once a page and severity; rows exist with the step or not
    at all. A room that was removed, or whose account is switched off, is passed in silence.
    """
    if not passed:
        return
    refs = {step["ref"] for _page, step in passed}
    open_ones = Room.objects.filter(ref__in=refs, account__enabled=True).select_related("account")
    rooms = {room.ref: room for room in open_ones}
    said = set(
        PagePost.objects.filter(page__in={page.pk for page, _step in passed}).values_list(
            "page_id", "room_id", "severity"
        )
    )
    drafts: list[tuple[Page, Room, Delivery]] = []
    for page, step in passed:
        room = rooms.get(step["ref"])
        if room is None or (page.pk, room.pk, page.severity) in said:
            continue
        said.add((page.pk, room.pk, page.severity))
        drafts.append((page, room, write(page, room, now)))
    kept = notify.send_all([draft for _page, _room, draft in drafts]) if drafts else []
    PagePost.objects.bulk_create(
        PagePost(
            page=page,
            room=room,
            name=room.name,
            channel=delivery.channel,
            severity=page.severity,
            delivery=delivery,
            at=now,
        )
        for (page, room, _draft), delivery in zip(drafts, kept, strict=True)
    )


def follow_up(page: Page, kind: str, words: str, now: datetime) -> None:
    """Tell the rooms that heard of the page what became of it: `words` is a msgid with %(person)s and %(title)s."""
    went = page.posts.filter(Q(delivery=None) | Q(delivery__state__in=[State.SENT, State.SENDING]))
    heard = Room.objects.filter(pk__in=went.values("room"), account__enabled=True).select_related("account")
    for room in heard.order_by("pk"):
        with translation.override(room.language):
            by = page.acknowledged_by.name if page.acknowledged_by else ""
            title = translation.gettext(words) % {"person": by, "title": page.display_title}
        notify.send_all([drafted(page, room, kind, title, "", now)])


def write(page: Page, room: Room, now: datetime) -> Delivery:
    """A draft of the outbox row, in the room's language. It can be answered by nobody: a room is no person."""
    with translation.override(room.language):
        title, severity = page.display_title, str(page.get_severity_display())
        body = _("%(severity)s. Whoever is on call is being woken.") % {"severity": severity}
    return drafted(page, room, PAGE_KIND, title, body, now)


def drafted(page: Page, room: Room, kind: str, title: str, body: str, now: datetime) -> Delivery:
    """A row for a room. Of kind PAGE_KIND, as to people, what still waits is taken back once somebody has the page."""
    return notify.drafted(
        user=None,
        account=room.account,
        channel=room.account.channel,
        address=room.address,
        kind=kind,
        subject_ref=page.ref,
        title=title,
        body=body,
        url_path=f"/pages/{page.ref}",
        urgency=Urgency.URGENT if page.severity == Severity.RED else Urgency.ROUTINE,
        data={
            "language": room.language,
            "page": page.ref,
            "severity": page.severity,
            "subject": page.subject_ref,
        },
        now=now,
    )
