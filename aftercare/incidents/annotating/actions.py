"""Writing under a line of the timeline; nothing that was written is lost, and nobody overwrites another."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.incidents.actions.recording import record
from aftercare.incidents.models import Annotation, AnnotationVersion, Incident, TimelineEntry
from aftercare.kernel.errors import Refused

LONGEST, MOST = 2_000, 20


class Changed(Refused):
    """It was written anew since it was looked at; `present` is what it says now."""

    def __init__(self, present: str) -> None:
        super().__init__(_("It was changed while you wrote. Nothing is overwritten: look at both, then save again."))
        self.present = present


@transaction.atomic
def annotate(*, incident: Incident, entry_id: int, text: str, author: User, now: datetime) -> Annotation:
    """Write under a line; customers never read it. The same words of the same person there count once.

    Raises Refused for a line of another incident, without words, with too many, or under a line that is full.
    """
    entry = line_of(incident, entry_id)
    text = checked(text)
    there = entry.annotations.filter(withdrawn_at=None)
    known = there.filter(author=author, text=text).first()
    if known is not None:
        return known
    if there.count() >= MOST:
        raise Refused(_("A line has %(limit)s annotations at most.") % {"limit": MOST})
    made = Annotation.objects.create(entry=entry, author=author, text=text, at=now)
    record("incident.annotate", incident, author, {"entry": entry.pk, "annotation": made.pk}, now)
    return made


@transaction.atomic
def change_annotation(
    *, incident: Incident, annotation_id: int, text: str, seen: int, actor: User, now: datetime
) -> Annotation:
    """Write one's own anew; what it said stays to be seen. `seen` is the number that the writer looked at.

    Raises Changed where it was written anew since, and Refused for another person's, or a withdrawn one.
    """
    row, text = own(incident, annotation_id, actor), checked(text)
    if row.text == text:
        return row
    if row.number != seen:
        raise Changed(row.text)
    AnnotationVersion.objects.create(annotation=row, number=row.number, text=row.text, at=row.at)
    row.text, row.number, row.at = text, row.number + 1, now
    row.save(update_fields=["text", "number", "at"])
    record("incident.annotation_change", incident, actor, {"annotation": row.pk, "number": row.number}, now)
    return row


@transaction.atomic
def withdraw_annotation(*, incident: Incident, annotation_id: int, actor: User, now: datetime) -> None:
    """It stands under its line no more, and stays to be seen as withdrawn. Raises Refused for another person's."""
    row = own(incident, annotation_id, actor)
    row.withdrawn_at = now
    row.save(update_fields=["withdrawn_at"])
    record("incident.annotation_withdraw", incident, actor, {"annotation": row.pk}, now)


def line_of(incident: Incident, entry_id: int) -> TimelineEntry:
    """The line, locked. Raises Refused for one of another incident."""
    entry = incident.timeline.select_for_update(no_key=True, of=("self",)).filter(pk=entry_id).first()
    if entry is None:
        raise Refused(_("This line is no longer there."))
    return entry


def own(incident: Incident, annotation_id: int, actor: User) -> Annotation:
    """The annotation, locked. Raises Refused where it is not there, or not the actor's."""
    rows = Annotation.objects.select_for_update(no_key=True, of=("self",)).filter(entry__incident=incident)
    row = rows.filter(pk=annotation_id, withdrawn_at=None).first()
    if row is None:
        raise Refused(_("This annotation is no longer there."))
    if row.author_id != actor.pk:
        raise Refused(_("Only who wrote it can change it. Write another one below it."))
    return row


def checked(text: str) -> str:
    """The words as they are kept. Raises Refused."""
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not text:
        raise Refused(_("Write something first."))
    if len(text) > LONGEST:
        raise Refused(_("It is longer than %(limit)s characters. Shorten it.") % {"limit": LONGEST})
    return text
