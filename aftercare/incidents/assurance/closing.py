"""The summary of an event that is over: as the page shows it, and published to the customers."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.accounts.models.customer import in_readers_language
from aftercare.incidents.assurance.access import apps_of, entries_for, items_for
from aftercare.incidents.assurance.log import DECISION, locked, record
from aftercare.incidents.assurance.queries import alerts_of, incidents_of
from aftercare.incidents.models import Assurance, AssuranceState
from aftercare.kernel.errors import Refused
from aftercare.telemetry.schema.catalog import METRICS
from aftercare.telemetry.words import digits_of, metric_name, shown_value, unit_of, volume_noun, volume_of

LONGEST = 10_000


@transaction.atomic
def write_lessons(*, assurance: Assurance, text: str, actor: User, now: datetime) -> None:
    """What to keep for the next event. Raises Refused before the end and where it is too long."""
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if len(text) > LONGEST:
        raise Refused(_("This has at most %(limit)s characters.") % {"limit": LONGEST})
    row = over(assurance)
    row.keep = text
    row.save(update_fields=["keep"])
    record("assurance.lessons", row, actor, {}, now)


@transaction.atomic
def publish_summary(*, assurance: Assurance, is_published: bool, actor: User, now: datetime) -> None:
    """Let the customers' people read the summary, each of their own apps, or no longer. Twice counts once.

    Raises Refused before the end and while the figures are not measured.
    """
    row = over(assurance)
    if is_published and not row.summary:
        raise Refused(_("The figures are not measured yet. Try again in a few minutes."))
    if is_published == (row.published_at is not None):
        return
    row.published_at = now if is_published else None
    row.save(update_fields=["published_at"])
    record("assurance.publish", row, actor, {"published": is_published}, now)


def over(assurance: Assurance) -> Assurance:
    """The assurance, locked. Raises Refused for one that is not over."""
    row = locked(assurance)
    if row.state != AssuranceState.CLOSED:
        raise Refused(_("The event is not over."))
    return row


def may_read(user: User, assurance: Assurance) -> bool:
    """Whether there is a summary for this person."""
    return assurance.state == AssuranceState.CLOSED and (user.is_provider or assurance.published_at is not None)


def summary_for(user: User, assurance: Assurance, now: datetime) -> dict[str, Any]:
    """What the page and the PDF tell this person: the figures of the apps that exist for them, and what happened.

    A customer's people read the peak of their own apps; what was expected, of all apps together, where all are theirs.
    """
    mine = {app.ref for app in apps_of(user, assurance)}
    told = assurance.summary.get("apps", [])
    apps = [app_told(app) for app in told if app["ref"] in mine]
    is_whole = len(apps) == len(told)
    items = items_for(user, assurance)
    return {
        "assurance": assurance,
        "is_measured": bool(assurance.summary),
        "peak": assurance.summary.get("peak", {}) if is_whole else {},
        "is_whole": is_whole,
        "apps": apps,
        "incidents": list(incidents_of(user, assurance, now)) if assurance.started_at else [],
        "alerts": list(alerts_of(user, assurance, now)[:200]) if assurance.started_at else [],
        "decisions": list(entries_for(user, assurance).filter(kind=DECISION)),
        "items": list(items),
        "items_done": items.exclude(done_at=None).count(),
        "undone": list(items.filter(done_at=None)),
    }


def app_told(app: dict[str, Any]) -> dict[str, Any]:
    """One app's figures in the reader's language and the units people read; a metric that is gone is left out."""
    return {
        "ref": app["ref"],
        "name": in_readers_language(app["name"], app["name_zh"]),
        "peak": app["peak"],
        "metrics": [metric_told(one) for one in app["metrics"] if one["key"] in METRICS],
    }


def metric_told(told: dict[str, Any]) -> dict[str, Any]:
    """One metric with its limit, volume and verdict."""
    metric = METRICS[told["key"]]
    return {
        "name": metric_name(metric),
        "unit": unit_of(metric),
        "digits": digits_of(metric),
        "value": shown_value(metric, told["value"]),
        "limit": shown_value(metric, told["limit"]),
        "volume": volume_of(metric, told["volume"]),
        "noun": volume_noun(metric),
        "verdict": told["verdict"] or "neutral",
    }
