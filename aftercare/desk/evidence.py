"""What was measured when the ticket opened, read out of its JSON for the page; holes stay holes."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aftercare.accounts.models.customer import in_readers_language

Evidence = dict[str, Any]

MINUTE_MS = 60_000
# The catalog's volumes, as people count them.
VOLUME_NOUNS = (
    gettext_noop("attempts"),
    gettext_noop("sessions"),
    gettext_noop("users"),
    gettext_noop("starts"),
    gettext_noop("calls"),
    gettext_noop("packets"),
    gettext_noop("bytes"),
    gettext_noop("requests"),
    gettext_noop("served"),
    gettext_noop("viewers"),
    gettext_noop("points"),
    gettext_noop("streams ended"),
    gettext_noop("min of video"),
    gettext_noop("min of audio"),
    gettext_noop("min watched"),
    gettext_noop("min present"),
    gettext_noop("min reported"),
)


@dataclass(frozen=True)
class SessionLine:
    """One of the worst sessions; `url` is "" where its page does not exist."""

    name: str
    url: str
    region: str
    network: str
    lost_s: float | None


@dataclass(frozen=True)
class EvidenceView:
    """The evidence as a page shows it. `state` is pending, ready or unavailable.

    It is "told" where nothing was measured: `metric` is then the title of an alert from elsewhere, and `body`, `labels`
    and `link` (http or https, or "") are what else it says.
    """

    state: str
    metric: str
    formula: str
    source: str
    reading: str
    volume: str
    chart_name: str
    chart: dict[str, Any]
    sessions: list[SessionLine]
    body: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    link: str = ""


def evidence_of(stored: Evidence) -> EvidenceView | None:
    """The stored evidence, or None when the ticket has none. Missing parts are empty, never an error."""
    if stored.get("state") == "told":
        return told_of(stored)
    if not stored.get("metric"):
        return None
    definition = stored.get("definition") or {}
    unit = str(definition.get("unit", ""))
    metric = in_readers_language(str(definition.get("name", stored["metric"])), str(definition.get("name_zh", "")))
    return EvidenceView(
        state=str(stored.get("state", "ready")),
        metric=metric,
        formula=in_readers_words(definition.get("formula")),
        source=in_readers_words(definition.get("source")),
        reading=reading_of(stored, unit),
        volume=shown_volume(stored.get("volume"), str(definition.get("volume_name", ""))),
        chart_name=f"evidence-{stored.get('alert_ref', '')}",
        chart=chart_of(stored, metric, unit) if stored.get("series") else {},
        sessions=[session_line(session) for session in stored.get("sessions") or []],
    )


def told_of(stored: Evidence) -> EvidenceView:
    """An alert from elsewhere, in its own words."""
    return EvidenceView(
        state="told",
        metric=in_readers_language(str(stored.get("title", "")), str(stored.get("title_zh", ""))),
        formula="",
        source="",
        reading="",
        volume="",
        chart_name="",
        chart={},
        sessions=[],
        body=str(stored.get("body", "")),
        labels=stored.get("labels") or {},
        link=str(stored.get("link", "")),
    )


def in_readers_words(kept: object) -> str:
    """A sentence of the metric catalog, kept in English with the evidence; its translation is the catalog's own."""
    return _(str(kept)) if kept else ""


def reading_of(stored: Evidence, unit: str) -> str:
    """The value with its limit, and the worst since: "7.9% (limit 5%), at worst 11%"."""
    value, limit, worst = (shown(stored.get(key), unit) for key in ("value", "threshold", "worst_value"))
    values = {"value": value, "limit": limit, "worst": worst}
    if stored.get("worst_value") is None or worst == value:
        return _("%(value)s (limit %(limit)s)") % values
    return _("%(value)s (limit %(limit)s), at worst %(worst)s") % values


def chart_of(stored: Evidence, metric: str, unit: str) -> dict[str, Any]:
    """The series as the chart component wants it, its limit a line and the alert a mark."""
    times, values, volumes = zip(*stored["series"], strict=True)
    noun = str((stored.get("definition") or {}).get("volume_name", ""))
    opened_at = stored.get("opened_at")
    limit = {
        "value": stored.get("threshold"),
        "severity": stored.get("severity", "red"),
        "label": _("limit %(limit)s") % {"limit": shown(stored.get("threshold"), unit)},
    }
    return {
        "times": [at / 1000 for at in times],
        "unit": "" if unit == "count" else _(unit) if unit else "",
        "noun": volume_noun(noun),
        "series": [{"label": metric, "values": list(values), "volume": [counted(one, noun) for one in volumes]}],
        "thresholds": [limit] if stored.get("threshold") is not None else [],
        "marks": [{"at": datetime.fromisoformat(opened_at).timestamp(), "label": _("alert")}] if opened_at else [],
    }


def session_line(session: dict[str, Any]) -> SessionLine:
    """One of the worst sessions, with the way to its page."""
    name, lost_ms = str(session.get("session", "")), session.get("lost_ms", session.get("stall_ms"))
    try:
        url = reverse("telemetry:session", args=[session.get("app", ""), name])
    except NoReverseMatch:
        url = ""
    return SessionLine(
        name=name,
        url=url,
        region=str(session.get("region") or ""),
        network=" ".join(str(session.get(part) or "") for part in ("carrier", "network")).strip(),
        lost_s=lost_ms / 1000 if isinstance(lost_ms, int | float) else None,
    )


def shown_volume(volume: float | None, noun: str) -> str:
    """The volume in words: "412 attempts"; milliseconds are told as minutes."""
    if volume is None:
        return ""
    return f"{shown(counted(volume, noun), '')} {volume_noun(noun)}".strip()


def counted(volume: float, noun: str) -> float:
    """The volume in the unit of `volume_noun`: milliseconds as minutes."""
    return round(volume / MINUTE_MS, 1) if is_time(noun) else volume


def is_time(noun: str) -> bool:
    """Whether a volume of the catalog is milliseconds."""
    return noun == "interval_ms" or noun.startswith("ms ")


def volume_noun(noun: str) -> str:
    """What the catalog's volume counts, in the reader's language."""
    if is_time(noun):
        noun = "min reported" if noun == "interval_ms" else "min " + noun.removeprefix("ms ")
    return _(noun) if noun in VOLUME_NOUNS else noun


def shown(value: float | None, unit: str) -> str:
    """A value with its unit, at most three digits that matter: 7.9%, 1,240 ms; unknown says so."""
    if value is None:
        return _("unknown")
    if abs(value) >= 100:
        number = f"{value:,.0f}"
    else:
        number = f"{value:.1f}".removesuffix(".0") if abs(value) >= 1 or value == 0 else f"{value:.2g}"
    return f"{number}%" if unit == "%" else number if unit == "count" else f"{number} {_(unit)}" if unit else number
