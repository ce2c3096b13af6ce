"""Texts of updates that a provider keeps: named, for one stage, in both languages, with places that fill themselves.

What only a person can know stands in square brackets, as in the built-in drafts: no update goes while one is left.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.incidents.models import Incident, Stage, UpdateTemplate
from aftercare.incidents.words import duration
from aftercare.kernel.errors import Refused
from aftercare.web.languages import in_both

PLACE = re.compile(r"\{([^{}\s]*)\}")
PLACES = ("title", "since", "next")
# Whatever else looks like a place, as Chinese keyboards write it, too: it would be sent to customers as it stands.
BRACED = re.compile(r"[{｛][^{}｛｝\n]{0,200}[}｝]?|[}｝]")
NAME_AT_MOST, BODY_AT_MOST, MOST = 80, 5_000, 100


@dataclass(frozen=True)
class TemplateFacts:
    """What a template says."""

    name: str
    stage: str
    body: str
    body_zh: str


def save_template(
    *, template: UpdateTemplate | None, facts: TemplateFacts, seen: int, actor: User, now: datetime
) -> UpdateTemplate:
    """A new template, or the next version of one, made from version `seen`.

    Raises Refused without a name or a text in each language, for a place that nothing fills, for a name that another
    has, for too many, and where somebody saved meanwhile.
    """
    kept = checked(facts)
    try:
        with transaction.atomic():
            return kept_template(template, kept, seen, actor, now)
    except IntegrityError:
        raise Refused(_("Another template is called “%(name)s”. Give it another name.") % kept) from None


def kept_template(
    template: UpdateTemplate | None, kept: dict[str, str], seen: int, actor: User, now: datetime
) -> UpdateTemplate:
    """The row, as it is from now on."""
    values = {**kept, "changed_by": actor, "changed_at": now}
    if template is None:
        if UpdateTemplate.objects.filter(removed_at=None).count() >= MOST:
            raise Refused(_("There are %(n)s templates already. Remove one first.") % {"n": MOST})
        row = UpdateTemplate.objects.create(**values)
    else:
        row = UpdateTemplate.objects.select_for_update(no_key=True).get(pk=template.pk)
        if row.removed_at is not None:
            raise Refused(_("Somebody removed this template. Make another one."))
        if row.version != seen:
            raise Refused(_("Somebody saved another version meanwhile. Yours is in the form; theirs stands beside it."))
        for name, value in {**values, "version": row.version + 1}.items():
            setattr(row, name, value)
        row.save()
    detail = {"name": row.name, "version": row.version}
    audit.record(actor=actor, action="template.save", subject=row.ref, customer_id=None, detail=detail, now=now)
    return row


@transaction.atomic
def remove_template(*, template: UpdateTemplate, actor: User, now: datetime) -> None:
    """Offer it no more. Twice counts once."""
    if UpdateTemplate.objects.filter(pk=template.pk, removed_at=None).update(removed_at=now):
        detail = {"name": template.name}
        audit.record(
            actor=actor, action="template.remove", subject=template.ref, customer_id=None, detail=detail, now=now
        )


def offered_templates() -> QuerySet[UpdateTemplate]:
    """Those that are not removed, by name."""
    return UpdateTemplate.objects.filter(removed_at=None).order_by("name")


def checked(facts: TemplateFacts) -> dict[str, str]:
    """The facts as they are kept. Raises Refused."""
    name = " ".join(facts.name.replace("\x00", "").split())
    bodies = [text.replace("\x00", "").replace("\r\n", "\n").strip() for text in (facts.body, facts.body_zh)]
    if not name or len(name) > NAME_AT_MOST:
        raise Refused(_("Give it a name of at most %(n)s characters.") % {"n": NAME_AT_MOST})
    if facts.stage not in Stage.values:
        raise Refused(_("Choose how far the work is."))
    if not all(bodies):
        raise Refused(_("Write it in both languages: each customer reads theirs."))
    if max(map(len, bodies)) > BODY_AT_MOST:
        raise Refused(_("The text is longer than %(n)s characters. Shorten it.") % {"n": BODY_AT_MOST})
    known = [f"{{{one}}}" for one in PLACES]
    for place in BRACED.findall("\n".join(bodies)):
        if place not in known:
            told = {"place": place[:42], "known": ", ".join(known)}
            raise Refused(_("Nothing fills %(place)s. There are %(known)s.") % told)
    return {"name": name, "stage": facts.stage, "body": bodies[0], "body_zh": bodies[1]}


def filled(template: UpdateTemplate, incident: Incident, next_within: timedelta | None) -> tuple[str, str]:
    """The template's texts for this incident, in English and in Chinese."""
    told = [
        in_both(lambda: incident.neutral_title),
        in_both(lambda: f"{timezone.localtime(incident.opened_at):%H:%M %Z}"),
        in_both(lambda: duration(next_within) if next_within is not None else _("no next update")),
    ]
    english, chinese = ({name: pair[side] for name, pair in zip(PLACES, told, strict=True)} for side in (0, 1))

    def fill(text: str, values: dict[str, str]) -> str:
        # One pass: what a title says is never read as a place.
        return PLACE.sub(lambda found: values.get(found[1], found[0]), text)

    return fill(template.body, english), fill(template.body_zh, chinese)
