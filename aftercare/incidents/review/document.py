"""What one customer reads of a post-mortem: made for them alone, so that nothing of another is ever in it."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext as _

from aftercare.accounts.models import Customer, User
from aftercare.desk.evidence import evidence_of
from aftercare.incidents.access import alerts_for, timeline_for
from aftercare.incidents.models import FollowUpState, Impact, Incident, PostMortem
from aftercare.incidents.review.chart import chart_svg
from aftercare.incidents.review.sections import FOLLOW_UPS, LINES, SECTIONS
from aftercare.incidents.timeline import entry_sentence, entry_text
from aftercare.incidents.words import alert_sentence, duration

LANGUAGES = {"en": "en", "zh": "zh-hans"}
CHARTS_AT_MOST = 4


def document_for(post_mortem: PostMortem, customer: Customer) -> dict[str, Any]:
    """{en, zh}: in each language {title, kicker, lede, footer, figures, parts, lines, follow_ups, charts}, all JSON.

    Times stand in the customer's zone. Figures, charts and lines are this customer's; what nobody measured is said to
    be unknown.
    """
    made = {}
    for key, language in LANGUAGES.items():
        with translation.override(language):
            made[key] = told(post_mortem, customer, key)
    return made


def told(post_mortem: PostMortem, customer: Customer, language: str) -> dict[str, Any]:
    """The document in the language that is active."""
    incident, content = post_mortem.incident, post_mortem.content
    reader = User(customer=customer, language=language)
    return {
        "language": language,
        "title": title_for(incident, customer),
        "kicker": " · ".join((_("Incident report"), customer.display_name, incident.ref)),
        "lede": lede(incident, customer),
        "footer": _("For %(customer)s · version %(n)s") % {"customer": customer.display_name, "n": post_mortem.version},
        "figures": figures(incident, customer),
        "parts": [
            {"title": str(section.label), "text": in_language(content["texts"][section.key], language)}
            for section in SECTIONS
            if section.key in content["told"] and in_language(content["texts"][section.key], language)
        ],
        "lines": lines(post_mortem, reader) if LINES in content["told"] else [],
        "follow_ups": follow_ups(post_mortem) if FOLLOW_UPS in content["told"] else [],
        "charts": charts(incident, reader),
        "words": {
            "lines": _("Timeline"),
            "charts": _("What was measured"),
            "follow_ups": _("What we change"),
            "at": _("Time"),
            "what": _("What happened"),
            "action": _("Measure"),
            "until": _("Due by"),
            "state": _("State"),
            "who": _("Owner"),
        },
    }


def title_for(incident: Incident, customer: Customer) -> str:
    """The incident's title where it speaks of this customer's app, or a person worded it for all whom it touches; else
    what its own alert says, else no more than when it was: an incident that began at another customer is named after
    that one's app, one of a cause after a piece of ours.
    """
    whose = incident.customer_id or (incident.app.customer_id if incident.app else None)
    if whose == customer.pk or (whose is None and incident.declared_by_id is not None):
        return incident.display_title
    mine = incident.alerts.filter(alert__customer=customer).select_related("alert__app", "alert__customer")
    link = mine.order_by("alert__severity", "joined_at", "pk").first()
    if link is not None:
        return alert_sentence(link.alert)
    return _("Incident of %(day)s") % {"day": local(incident.opened_at, customer.timezone)[:10]}


def in_language(texts: dict[str, str], language: str) -> str:
    """The text in the language; in the other where nobody wrote it, rather than nothing."""
    return texts.get(language) or next((text for text in texts.values() if text), "")


def lede(incident: Incident, customer: Customer) -> str:
    """From when until when, in the customer's zone."""
    zone = customer.timezone
    if incident.resolved_at is None:
        return _("Since %(start)s (%(zone)s), still going on") % {
            "start": local(incident.opened_at, zone),
            "zone": zone,
        }
    return _("%(start)s to %(end)s (%(zone)s)") % {
        "start": local(incident.opened_at, zone),
        "end": local(incident.resolved_at, zone),
        "zone": zone,
    }


def figures(incident: Incident, customer: Customer) -> list[list[str]]:
    """How long it lasted, until when users felt it, and how many of this customer's users did."""
    rows = []
    if incident.resolved_at:
        rows.append([_("Lasted"), duration(incident.resolved_at - incident.opened_at), ""])
    if incident.mitigated_at:
        rows.append([_("Felt by users"), duration(incident.mitigated_at - incident.opened_at), ""])
    impact = Impact.objects.filter(incident=incident).first()
    mine = next((one for one in (impact.by_customer if impact else []) if one["customer"] == customer.ref), None)
    users, watched = (mine["users"], mine["watched"]) if mine else (None, None)
    if users is None:
        return [*rows, [_("Your users hit"), _("unknown"), _("nothing was measured; unknown is not zero")]]
    return [*rows, [_("Your users hit"), f"{users:,}", _("of %(n)s sessions seen") % {"n": f"{watched:,}"}]]


def lines(post_mortem: PostMortem, reader: User) -> list[list[str]]:
    """The chosen lines that this customer may read at all: [time, sentence with what was said]."""
    entries = timeline_for(reader, post_mortem.incident).filter(pk__in=post_mortem.content["lines"])
    assert reader.customer is not None  # noqa: S101 (made so above)
    zone = reader.customer.timezone
    # A line about an alert says what that alert says, which names an app: of another customer's it is left out.
    others = post_mortem.incident.alerts.exclude(alert__customer=None).exclude(alert__customer=reader.customer)
    hidden = set(others.values_list("alert__ref", flat=True))
    return [
        [local(entry.at, zone), " ".join(part for part in (entry_sentence(entry, reader), entry_text(entry)) if part)]
        for entry in entries
        if entry.data.get("alert") not in hidden
    ]


def follow_ups(post_mortem: PostMortem) -> list[list[str]]:
    """What was or will be changed: [what, until, state], with who where names are shown; what was dropped is left."""
    rows = post_mortem.incident.follow_ups.exclude(state=FollowUpState.DROPPED).select_related("owner")
    with_names = post_mortem.content["names"]
    return [
        [
            row.display_title,
            row.due_on.isoformat(),
            str(FollowUpState(row.state).label),
            *([row.owner.name] if with_names else []),
        ]
        for row in rows
    ]


def charts(incident: Incident, reader: User) -> list[dict[str, str]]:
    """What was measured for this customer: {title, svg}, a chart for each metric and narrowing."""
    found: dict[str, dict[str, str]] = {}
    assert reader.customer is not None  # noqa: S101 (made so above)
    for link in alerts_for(reader, incident).exclude(alert__metric=""):
        evidence = evidence_of(link.evidence)
        if evidence is None or len(found) >= CHARTS_AT_MOST:
            continue
        title = f"{evidence.metric} {evidence.reading}"
        svg = chart_svg(
            link.evidence.get("series", []),
            limit=link.evidence.get("threshold"),
            unit=str((link.evidence.get("definition") or {}).get("unit", "")),
            zone=reader.customer.timezone,
            marks=[link.alert.opened_at],
        )
        if svg:
            found.setdefault(f"{link.alert.metric} {sorted(link.alert.filters.items())}", {"title": title, "svg": svg})
    return list(found.values())


def local(at: datetime, zone: str) -> str:
    """A moment in a zone."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"
