"""The closing summary as PDF: the same facts as its page, in the reader's language and zone."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.incidents.assurance.closing import summary_for
from aftercare.incidents.models import Assurance
from aftercare.incidents.words import alert_sentence
from aftercare.web.pdf import render_pdf
from aftercare.web.render.states import WORDS

TEMPLATE = "incidents/assurance/summary.typ"


def summary_pdf(user: User, assurance: Assurance, now: datetime) -> bytes:
    """The document. Raises Refused where no Chinese font is installed."""
    return render_pdf(TEMPLATE, document_data(user, assurance, now))


def document_data(user: User, assurance: Assurance, now: datetime) -> dict[str, Any]:
    """What the template sets, as plain JSON, every text as it is read."""
    told = summary_for(user, assurance, now)
    peak = told["peak"]
    start, end = assurance.started_at or assurance.starts_at, assurance.ended_at or assurance.ends_at
    figures = [
        [_("Peak at once"), amount(peak.get("concurrent")), beside(assurance.expected_concurrent)],
        [_("Peak bandwidth"), amount(peak.get("mbps"), "Mbps"), beside(assurance.expected_mbps, "Mbps")],
        [_("Incidents"), str(len(told["incidents"])), ""],
        [_("Alerts"), str(len(told["alerts"])), ""],
    ]
    return {
        "language": "zh" if (get_language() or "").startswith("zh") else "en",
        "title": assurance.display_title,
        "kicker": _("Event assurance: closing summary"),
        "lede": f"{moment(start)} – {moment(end)}",
        "footer": _("Made on %(at)s") % {"at": moment(now)},
        "figures": figures if told["is_whole"] else figures[2:],
        "quality": {
            "heading": _("Quality against its limits"),
            "head": [_("Metric"), _("Measured"), _("Limit"), _("Verdict")],
            "apps": [{"name": app["name"], "rows": [row_of(one) for one in app["metrics"]]} for app in told["apps"]],
            "none": _("Nothing was measured: unknown, not zero."),
        },
        "tables": [
            {
                "heading": _("Incidents"),
                "head": [_("Began"), _("Incident"), _("Ended")],
                "rows": [
                    [moment(one.opened_at), one.display_title, moment(one.resolved_at) if one.resolved_at else "—"]
                    for one in told["incidents"]
                ],
                "none": _("No incident touched the event."),
            },
            {
                "heading": _("Alerts"),
                "head": [_("Opened"), _("Alert"), _("Closed")],
                "rows": [
                    [moment(one.opened_at), alert_sentence(one), moment(one.closed_at) if one.closed_at else "—"]
                    for one in told["alerts"]
                ],
                "none": _("No alert opened."),
            },
            {
                "heading": _("Decisions"),
                "head": [_("When"), _("Who"), _("Decision")],
                "rows": [[moment(one.at), one.actor.name if one.actor else "", one.text] for one in told["decisions"]],
                "none": _("No decision was written down."),
            },
            {
                "heading": _("Checklist"),
                "head": [_("Due"), _("What"), _("Done")],
                "rows": [
                    [moment(one.due_at), str(one), moment(one.done_at) if one.done_at else _("not done")]
                    for one in told["items"]
                ],
                "none": _("Nothing was on the checklist."),
            },
        ],
        "keep": {"heading": _("What to keep"), "text": assurance.keep},
    }


def moment(at: datetime) -> str:
    """An instant in the reader's zone."""
    return date_format(timezone.localtime(at), "Y-m-d H:i")


def amount(value: float | None, unit: str = "", digits: int = 0) -> str:
    """A number with its unit; without one it is unknown, never 0."""
    if value is None:
        return _("unknown")
    return f"{value:,.{digits}f}{'' if unit == '%' else ' '}{unit}".strip()


def beside(expected: float | None, unit: str = "") -> str:
    """What was expected."""
    return _("expected %(n)s") % {"n": amount(expected, unit)} if expected else ""


def row_of(told: dict[str, Any]) -> list[str]:
    """A metric's line: its value with its volume, its limit, its verdict."""
    digits = told["digits"] or 0
    verdict = "" if told["verdict"] == "neutral" else str(WORDS[told["verdict"]])
    limit = "—" if told["limit"] is None else amount(told["limit"], told["unit"], 2 if told["unit"] == "%" else digits)
    seen = "" if told["value"] is None else f" ({told['volume']:,.0f} {told['noun']})"
    return [told["name"], amount(told["value"], told["unit"], digits) + seen, limit, verdict]
