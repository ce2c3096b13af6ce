"""The parts of a post-mortem, and its first draft out of what the incident knows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftercare.incidents.models import TOLD_TO_CUSTOMERS, Impact, Incident, Kind, TimelineEntry
from aftercare.incidents.review.noted import noted_in
from aftercare.incidents.words import duration
from aftercare.web.languages import in_both


@dataclass(frozen=True)
class Section:
    """A part: its key, what people call it, and whether customers read it unless somebody decides otherwise."""

    key: str
    label: str | Promise
    help: str | Promise
    is_told: bool


SECTIONS = (
    Section("summary", gettext_lazy("Summary"), gettext_lazy("What happened, in three sentences."), True),
    Section("impact", gettext_lazy("Impact"), gettext_lazy("Who felt it, how, and how long."), True),
    Section("cause", gettext_lazy("Cause"), gettext_lazy("What broke, and why it reached users."), True),
    Section("whys", gettext_lazy("Five whys"), gettext_lazy("Why? And why that? Down to what can be changed."), False),
    Section("well", gettext_lazy("What went well"), gettext_lazy("What to keep."), False),
    Section("badly", gettext_lazy("What went badly"), gettext_lazy("What cost time or trust."), False),
    Section("noted", gettext_lazy("What was noted"), gettext_lazy("Notes and annotations of the timeline."), False),
)
# Beside the texts: what customers read of the timeline and of what follows.
LINES, FOLLOW_UPS = "lines", "follow_ups"
TOLD_KEYS = (*(section.key for section in SECTIONS), LINES, FOLLOW_UPS)
# One line for each alert of a storm would bury the story; words in tickets stand there.
LEFT_OUT = (Kind.ALERT_JOINED, Kind.ALERT_CLOSED, Kind.CUSTOMER_REPLIED, Kind.PROVIDER_REPLIED)


def first_content(incident: Incident) -> dict[str, Any]:
    """What a new post-mortem says: drafted texts in both languages, and the lines that make the story."""
    drafts: dict[str, Callable[[], str]] = {
        "summary": lambda: summary(incident),
        "impact": lambda: impact_words(incident),
        "cause": lambda: _("[What broke, since when, and why it was not caught before users felt it.]"),
        "whys": lambda: "\n".join(_("%(n)s. Why? [because]") % {"n": n} for n in range(1, 6)),
        "well": lambda: "",
        "badly": lambda: "",
        "noted": lambda: noted_in(incident),
    }
    texts = {}
    for section in SECTIONS:
        english, chinese = in_both(drafts[section.key])
        texts[section.key] = {"en": english, "zh": chinese}
    chosen = incident.timeline.filter(kind__in=TOLD_TO_CUSTOMERS).exclude(kind__in=LEFT_OUT)
    told = [*(section.key for section in SECTIONS if section.is_told), LINES, FOLLOW_UPS]
    lines = list(chosen.order_by("at", "pk").values_list("pk", flat=True)[:200])
    return {"texts": texts, "lines": lines, "told": told, "names": False}


def summary(incident: Incident) -> str:
    """What happened, as far as the incident knows."""
    span = duration(incident.resolved_at - incident.opened_at) if incident.resolved_at else _("until now")
    said = _("It lasted %(span)s.") % {"span": span}  # from when until when stands above it, in the reader's zone
    if incident.customers.count() <= 1:  # a title names an app, and an app belongs to one customer
        said = _("%(title)s. %(said)s") % {"title": incident.display_title, "said": said}
    if incident.mitigated_at:
        felt = duration(incident.mitigated_at - incident.opened_at)
        said += " " + _("Users felt it for %(span)s; the cause was removed afterwards.") % {"span": felt}
    return said


def impact_words(incident: Incident) -> str:
    """Whom it hit, in figures; unknown says so. No customer is named: each reads its own figures beside this."""
    impact = Impact.objects.filter(incident=incident).first()
    if impact is None or impact.users is None:
        return _("How many users felt it is not known: [what is known].")
    values = {"users": f"{impact.users:,}", "watched": f"{impact.watched or 0:,}", "minutes": impact.minutes or 0}
    return (
        _("About %(users)s users were beyond the limits, of %(watched)s sessions seen, for %(minutes)s min.") % values
    )


def lines_to_choose(incident: Incident) -> list[TimelineEntry]:
    """The lines of the timeline that a customer may read at all, oldest first."""
    entries = incident.timeline.filter(kind__in=TOLD_TO_CUSTOMERS).select_related("actor", "customer")
    return list(entries.order_by("at", "pk")[:500])
