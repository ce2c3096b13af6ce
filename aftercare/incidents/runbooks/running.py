"""Going through a runbook step by step, about an incident or in a drill, and planning drills."""

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.accounts.models.customer import in_readers_language
from aftercare.audit import actions as audit
from aftercare.incidents.actions.locking import locked
from aftercare.incidents.models import Drill, Incident, Kind, Run, Runbook, RunStep
from aftercare.incidents.review.duty import today_of_provider
from aftercare.incidents.review.judging import plain
from aftercare.incidents.review.notices import tell
from aftercare.incidents.timeline import write_entry
from aftercare.kernel.errors import Refused

log = logging.getLogger(__name__)

BATCH = 20
AHEAD = timedelta(days=1)


@transaction.atomic
def start_run(*, incident: Incident, runbook: Runbook, actor: User, now: datetime) -> Run:
    """Go through it about an incident; one that was begun goes on, with the steps it was begun with.

    Raises Refused for a runbook that is retired.
    """
    row = locked(incident)
    known = Run.objects.filter(incident=row, runbook=runbook).first()
    if known is not None:
        return known
    if runbook.retired_at is not None:
        raise Refused(_("This runbook is retired."))
    run = begun(runbook, actor, now, incident=row)
    title_zh = runbook.title_zh or runbook.title
    write_entry(row, Kind.RUNBOOK, now=now, actor=actor, run=run.ref, sentence=runbook.title, sentence_zh=title_zh)
    audit.record(actor=actor, action="runbook.run", subject=row.ref, customer_id=None, detail={"run": run.ref}, now=now)
    return run


def begun(runbook: Runbook, actor: User, now: datetime, **origin: Any) -> Run:
    """A run with the steps as they are now."""
    return Run.objects.create(
        runbook=runbook, version=runbook.version, steps=runbook.steps, started_at=now, started_by=actor, **origin
    )


@transaction.atomic
def do_step(*, run: Run, number: int, undo: bool = False, actor: User, now: datetime) -> None:
    """Step `number` (from 1) was done, or was not after all. Who ticked first stands there; twice counts once.

    Raises Refused for a step that there is not.
    """
    if run.incident is not None:
        locked(run.incident)
    row = Run.objects.select_for_update(no_key=True).get(pk=run.pk)
    if not 1 <= number <= len(row.steps):
        raise Refused(_("There is no such step."))
    if undo:
        if RunStep.objects.filter(run=row, number=number).delete()[0]:
            detail = {"run": row.ref, "step": number}
            audit.record(actor=actor, action="runbook.undo", subject=row.ref, customer_id=None, detail=detail, now=now)
        return
    _done, is_new = RunStep.objects.get_or_create(run=row, number=number, defaults={"at": now, "by": actor})
    if not is_new:
        return
    step = row.steps[number - 1]
    if run.incident is not None:
        words = {"sentence": step.get("en") or step.get("zh"), "sentence_zh": step.get("zh") or step.get("en")}
        write_entry(run.incident, Kind.RUNBOOK_STEP, now=now, actor=actor, number=number, run=row.ref, **words)
    detail = {"run": row.ref, "step": number}
    audit.record(actor=actor, action="runbook.step", subject=row.ref, customer_id=None, detail=detail, now=now)


def steps_of(run: Run) -> list[dict[str, Any]]:
    """The steps in the reader's language, with who did each and when."""
    done = {one.number: one for one in run.done.select_related("by")}
    return [
        {
            "number": number,
            "text": in_readers_language(step.get("en", "") or step.get("zh", ""), step.get("zh", "")),
            "done": done.get(number),
        }
        for number, step in enumerate(run.steps, start=1)
    ]


@transaction.atomic
def plan_drill(
    *, runbook: Runbook, planned_on: date | None, people: Sequence[User], actor: User, now: datetime
) -> Drill:
    """A drill on a day, with people, who are reminded on the morning before. Raises Refused without either."""
    today = today_of_provider(now)
    if planned_on is None or not today <= planned_on <= today + timedelta(days=730):
        raise Refused(_("Choose a day from today on, within two years."))
    if not people:
        raise Refused(_("Choose who takes part."))
    drill = Drill.objects.create(runbook=runbook, planned_on=planned_on, created_at=now, created_by=actor)
    drill.people.set(people)
    begun(runbook, actor, now, drill=drill)
    detail = {"runbook": runbook.ref, "on": planned_on.isoformat()}
    audit.record(actor=actor, action="drill.plan", subject=drill.ref, customer_id=None, detail=detail, now=now)
    return drill


@transaction.atomic
def end_drill(*, drill: Drill, result: str, findings: str, actor: User, now: datetime) -> None:
    """What came out of it; may be said again, the last word holds and the audit keeps each.

    Raises Refused for no result, and for one that did not wholly work without what was found.
    """
    findings = plain(findings)[:10_000]
    if result not in Drill.Result.values:
        raise Refused(_("Say how it went."))
    if result != Drill.Result.PASSED and not findings:
        raise Refused(_("Say what was found: that is what a drill is for."))
    row = Drill.objects.select_for_update(no_key=True).get(pk=drill.pk)
    row.result, row.findings, row.ended_at = result, findings, now
    row.save(update_fields=["result", "findings", "ended_at"])
    detail = {"result": result, "findings": findings}
    audit.record(actor=actor, action="drill.end", subject=row.ref, customer_id=None, detail=detail, now=now)


def remind_of_drills(now: datetime) -> int:
    """Tell those who take part in a drill of tomorrow or today, once; each drill in its own transaction."""
    tomorrow, done = today_of_provider(now) + AHEAD, 0
    for _one in range(BATCH):
        with transaction.atomic():
            ahead = Drill.objects.select_for_update(skip_locked=True, of=("self",)).select_related("runbook")
            drill = ahead.filter(ended_at=None, reminded_at=None, planned_on__lte=tomorrow).order_by("pk").first()
            if drill is None:
                return done
            drill.reminded_at = now
            drill.save(update_fields=["reminded_at"])
            for person in drill.people.filter(is_active=True):
                tell(
                    person,
                    kind="incident.drill",
                    subject_ref=drill.ref,
                    words=partial(reminder, drill),
                    url_path=f"/drills/{drill.ref}",
                    now=now,
                )
            done += 1
    return done


def reminder(drill: Drill) -> tuple[str, str]:
    """Title and body, in the language that is active."""
    return _("Drill on %(day)s") % {"day": drill.planned_on.isoformat()}, drill.runbook.display_title
