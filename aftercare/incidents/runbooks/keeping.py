"""Writing runbooks, and finding those for what an incident is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.incidents.models import Incident, Runbook
from aftercare.kernel.errors import Refused
from aftercare.telemetry.schema.catalog import METRICS
from aftercare.watch.models import Alert

STEPS_AT_MOST, CAUSES_AT_MOST, LONGEST_STEP, OFFERED = 50, 30, 500, 5
# What a runbook is offered for, and how much a match says: a certain node more than a metric that many causes share.
WEIGHTS = {"resource": 8, "label": 8, "app": 6, "source": 5, "metric": 4, "resource_kind": 2}
CAUSE_NAMES = {
    "metric": gettext_lazy("a metric, by its key: stall_rate"),
    "resource": gettext_lazy("a node or another resource, by its name: edge-sh-01"),
    "resource_kind": gettext_lazy("every resource of a kind: edge, cdn, host"),
    "label": gettext_lazy("a label of the alert: region=cn-east"),
    "source": gettext_lazy("another monitoring system, by its name here"),
    "app": gettext_lazy("an app, by its ref"),
}


@dataclass(frozen=True)
class Offer:
    """A runbook for an incident, with what spoke for it."""

    runbook: Runbook
    score: int
    because: list[str]


@transaction.atomic
def save_runbook(
    *,
    runbook: Runbook | None,
    title: str,
    title_zh: str,
    steps: Sequence[dict[str, str]],
    causes: Sequence[dict[str, str]],
    seen: int,
    actor: User,
    now: datetime,
) -> Runbook:
    """A new runbook, or the next version of one, made from version `seen`.

    Raises Refused without a title or steps, for too many, for a cause nobody knows, and where somebody saved meanwhile.
    """
    title, title_zh = title.strip()[:120], title_zh.strip()[:120]
    if not title and not title_zh:
        raise Refused(_("Give it a title."))
    if not steps or len(steps) > STEPS_AT_MOST:
        raise Refused(_("A runbook has one to %(limit)s steps.") % {"limit": STEPS_AT_MOST})
    values = {
        "title": title or title_zh,
        "title_zh": title_zh,
        "steps": [{key: text[:LONGEST_STEP] for key, text in step.items()} for step in steps],
        "causes": checked_causes(causes),
        "changed_at": now,
        "changed_by": actor,
    }
    if runbook is None:
        row = Runbook.objects.create(**values)
    else:
        row = Runbook.objects.select_for_update(no_key=True).get(pk=runbook.pk)
        if row.version != seen:
            raise Refused(
                _("Somebody saved another version meanwhile. Yours is below; theirs is on the runbook's page.")
            )
        for name, value in {**values, "version": row.version + 1}.items():
            setattr(row, name, value)
        row.save()
    detail = {"version": row.version, "steps": len(row.steps)}
    audit.record(actor=actor, action="runbook.save", subject=row.ref, customer_id=None, detail=detail, now=now)
    return row


@transaction.atomic
def retire_runbook(*, runbook: Runbook, actor: User, now: datetime) -> None:
    """Offer it no more; what was run by it stays. Twice counts once."""
    if Runbook.objects.filter(pk=runbook.pk, retired_at=None).update(retired_at=now):
        audit.record(actor=actor, action="runbook.retire", subject=runbook.ref, customer_id=None, detail={}, now=now)


def checked_causes(causes: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Causes as they are kept, each once. Raises Refused."""
    kept: list[dict[str, str]] = []
    for cause in causes:
        kind, value = cause["kind"].strip(), cause["value"].strip()[:200]
        if kind not in WEIGHTS or not value:
            raise Refused(
                _("“%(line)s” is no cause: write one of %(kinds)s, a colon, and what.")
                % {"line": f"{kind}: {value}"[:60], "kinds": ", ".join(WEIGHTS)}
            )
        if kind == "metric" and value not in METRICS and "(" not in value and "." not in value:
            raise Refused(_("There is no metric called “%(name)s”.") % {"name": value[:60]})
        if {"kind": kind, "value": value} not in kept:
            kept.append({"kind": kind, "value": value})
    if len(kept) > CAUSES_AT_MOST:
        raise Refused(_("A runbook has at most %(limit)s causes.") % {"limit": CAUSES_AT_MOST})
    return kept


def offers_for(incident: Incident) -> list[Offer]:
    """The runbooks for what this incident's alerts say, the best match first."""
    links = incident.alerts.select_related("alert__app", "alert__source").order_by("alert__severity", "pk")[:50]
    facts = {fact for link in links for fact in facts_of(link.alert)}
    if incident.app:
        facts.add(("app", incident.app.ref))
    found = []
    for runbook in Runbook.objects.filter(retired_at=None):
        because = [one for one in runbook.causes if (one["kind"], one["value"]) in facts]
        if because:
            score = sum(WEIGHTS[one["kind"]] for one in because)
            found.append(Offer(runbook, score, [f"{one['kind']}: {one['value']}" for one in because]))
    return sorted(found, key=lambda offer: (-offer.score, offer.runbook.title, offer.runbook.pk))[:OFFERED]


def facts_of(alert: Alert) -> set[tuple[str, str]]:
    """What of an alert a runbook may be attached to."""
    facts = {("resource", str(value)) for value in alert.filters.values()}
    facts |= {("resource_kind", name) for name in alert.filters}
    facts |= {("label", f"{name}={value}") for name, value in alert.filters.items()}
    if alert.metric:
        facts.add(("metric", alert.metric))
    if alert.app:
        facts.add(("app", alert.app.ref))
    if alert.source:
        facts |= {("source", alert.source.name), ("source", alert.source.ref)}
    return facts
