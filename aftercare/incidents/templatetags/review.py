"""What the incident's page shows of grade, report and runbooks: `{% load review %}`."""

from typing import Any

from django import template

from aftercare.accounts.access import can
from aftercare.accounts.models import User
from aftercare.clocks.models import ClockState
from aftercare.incidents.models import Impact, Incident, Level, PostMortem, Publication, Run
from aftercare.incidents.review import duty, judging
from aftercare.incidents.runbooks.keeping import offers_for

register = template.Library()


@register.inclusion_tag("incidents/review/_card.html")
def review_card(incident: Incident, reader: User) -> dict[str, Any]:
    """Grade, responsibility and what is owed; a customer reads of the report that was published to them, alone."""
    if not reader.is_provider:
        mine = Publication.objects.filter(post_mortem__incident=incident, customer=reader.customer_id)
        return {"publication": mine.select_related("post_mortem").first()}
    impact = Impact.objects.filter(incident=incident).first()
    return {
        "is_provider": True,
        "incident": incident,
        "impact": impact,
        "proposed": Level(impact.level).label if impact and impact.level else "",
        "grade": judging.grade_of(incident),
        "rulings": judging.words_of(incident),
        "clocks": [clock for clock in duty.clocks_of(incident) if clock.state == ClockState.RUNNING],
        "labels": duty.LABELS,
        "post_mortem": PostMortem.objects.filter(incident=incident).first(),
    }


@register.inclusion_tag("incidents/runbooks/_offered.html", takes_context=True)
def runbook_offers(context: template.Context, incident: Incident, reader: User) -> dict[str, Any]:
    """What to go by: the runbooks that were taken up, then those that fit, the best match first."""
    if not reader.is_provider or not can(reader, "act_on_incidents"):
        return {}
    runs = list(Run.objects.filter(incident=incident).select_related("runbook").prefetch_related("done"))
    taken = {run.runbook_id for run in runs}
    return {
        "incident": incident,
        "runs": [{"run": run, "done": len(run.done.all()), "count": len(run.steps)} for run in runs],
        "offers": [offer for offer in offers_for(incident) if offer.runbook.pk not in taken],
        "csrf_token": context.get("csrf_token"),
    }
