"""What becomes of a hidden risk when a look says something of its cause; everything in the caller's transaction.

The caller holds the rule's lock, so that of two looks one comes after the other, and a cause has one row.
"""

from datetime import datetime, timedelta

from aftercare.accounts.models import User
from aftercare.kernel.events import publish
from aftercare.watch.events import RiskDue, RiskFound
from aftercare.watch.models import DeedKind, Risk, RiskClosing, RiskOutcome, RiskRule, RiskState, Severity
from aftercare.watch.risks.alerting import follow
from aftercare.watch.risks.history import close_risk, confirm, undo, write
from aftercare.watch.risks.types import Finding

DAY = timedelta(days=1)
# A forecast moves from day to day: found is what comes within the first lead time, gone what is a quarter beyond it.
GONE_BEYOND = 1.25
# The last 24 hours of a figure still hold its peak from before the repair: so long, a closing stands unproven.
PROVEN_AFTER = timedelta(hours=25)
SEEN = ("subject", "customer_id", "app_id", "kind", "seen_at", "earliest_at", "latest_at")


def lead_of(leads: list[int], runs_out_at: datetime | None, now: datetime) -> int | None:
    """The nearest lead time, in days, that has begun; None where none has."""
    if runs_out_at is None:
        return None
    return min((lead for lead in leads if runs_out_at - now <= lead * DAY), default=None)


def settle(rule: RiskRule, finding: Finding, now: datetime) -> None:
    """Find, update, close or open again the risk of one cause."""
    risk = Risk.objects.select_for_update(no_key=True).filter(rule=rule, cause=finding.cause).first()
    lead = lead_of(rule.lead_days, finding.runs_out_at, now)
    if risk is None:
        if lead is not None:
            find(rule, finding, lead, now)
        return
    risk.rule = rule
    if not risk.is_open:
        look_again(risk, finding, lead, now)
    elif finding.is_over:
        close_risk(risk, RiskClosing.GONE, None, "", now)
    elif lead is not None:
        come_closer(risk, finding, lead, now)
    elif is_beyond(rule, finding, now):
        end(risk, finding, now)
    else:
        take_over(risk, finding)
        risk.save()


def find(rule: RiskRule, finding: Finding, lead: int, now: datetime) -> Risk:
    """A new risk, with its first line of history, its event, and its alert where it is that near."""
    risk = Risk(rule=rule, cause=finding.cause, owner=rule.owner, found_at=now)
    take_over(risk, finding)
    begin(risk, lead, now)
    risk.save()
    write(risk, DeedKind.FOUND, now, detail={"lead_days": lead, "runs_out_at": risk.runs_out_at.isoformat()})
    publish(RiskFound(risk.pk, lead, now))
    run_out_if_so(risk, now)
    follow(risk, now)
    return risk


def take_over(risk: Risk, finding: Finding) -> None:
    """The figures of a look; the caller saves. What ran out keeps when it did."""
    for name in SEEN:
        setattr(risk, name, getattr(finding, name))
    risk.measured = {**finding.measured, "leads": risk.rule.lead_days}
    if finding.runs_out_at is not None and risk.happened_at is None:
        risk.runs_out_at = finding.runs_out_at


def begin(risk: Risk, lead: int, now: datetime) -> None:
    """How near it is, and by when it is to be dealt with: before the last lead time begins, or where that has begun,
    before it runs out. The caller saves.
    """
    leads = risk.rule.lead_days
    risk.lead_days = lead
    risk.severity = severity_of(leads, lead)
    usual = risk.runs_out_at - leads[-1] * DAY
    risk.due_at = usual if usual > now else risk.runs_out_at


def severity_of(leads: list[int], lead: int) -> Severity:
    """Red within the last lead time."""
    return Severity.RED if lead <= leads[-1] else Severity.WARNING


def come_closer(risk: Risk, finding: Finding, lead: int, now: datetime) -> None:
    """An open risk that is still found; its severity only rises. A due time that somebody set stays where it is."""
    ahead, last = risk.runs_out_at - risk.due_at, risk.rule.lead_days[-1] * DAY
    take_over(risk, finding)
    if ahead in (timedelta(0), last):
        risk.due_at = risk.runs_out_at - ahead
    if lead < risk.lead_days:
        risk.lead_days = lead
        risk.severity = Severity.RED if risk.severity == Severity.RED else severity_of(risk.rule.lead_days, lead)
        write(risk, DeedKind.WORSE, now, detail={"lead_days": lead, "runs_out_at": risk.runs_out_at.isoformat()})
    if risk.due_at > now + DAY:  # it moved away: of the new time upper rooms are told again
        risk.overdue_at = None
    run_out_if_so(risk, now)
    risk.save()
    follow(risk, now)


def run_out_if_so(risk: Risk, now: datetime) -> None:
    """Note once that it ran out while it was open; with that it counts, whatever becomes of it."""
    if risk.happened_at is None and risk.runs_out_at <= now:
        risk.happened_at = risk.runs_out_at
        detail = {"runs_out_at": risk.runs_out_at.isoformat()}
        write(risk, DeedKind.RAN_OUT, now, detail=detail, outcome=RiskOutcome.HAPPENED, confirmed_at=now)
        risk.save()


def is_beyond(rule: RiskRule, finding: Finding, now: datetime) -> bool:
    """Whether it is so far away that nobody has to deal with it."""
    if finding.runs_out_at is None:
        return True
    room = GONE_BEYOND if rule.is_forecast else 1.0
    return finding.runs_out_at - now > rule.lead_days[0] * room * DAY


def end(risk: Risk, finding: Finding, now: datetime) -> None:
    """Close a risk that is found no more. Whether that was prevented is not claimed lightly.

    Other lead times prevent nothing; nor does a forecast that turned away while nobody had taken the risk, against the
    same limit.
    """
    before = risk.measured
    old_leads = before.get("leads") or risk.rule.lead_days
    if lead_of(old_leads, finding.runs_out_at, now) is not None:
        closing = RiskClosing.GONE
    elif (
        risk.rule.is_forecast and risk.state == RiskState.OPEN and before.get("limit") == finding.measured.get("limit")
    ):
        closing = RiskClosing.RECEDED
    else:
        closing = RiskClosing.FIXED
    is_prevented = closing == RiskClosing.FIXED and risk.happened_at is None
    outcome = RiskOutcome.PREVENTED if is_prevented else ""
    take_over(risk, finding)
    risk.is_gone = True
    detail = {"runs_out_at": finding.runs_out_at.isoformat() if finding.runs_out_at else None}
    close_risk(risk, closing, None, "", now, outcome=outcome, confirmed_at=now, detail=detail)


def look_again(risk: Risk, finding: Finding, lead: int | None, now: datetime) -> None:
    """A closed risk: its closing is confirmed where it is found no more, and it opens again where it is."""
    if lead is None or finding.is_over:
        if not finding.is_over and not risk.is_gone and is_beyond(risk.rule, finding, now):
            confirm(risk, now)
            risk.is_gone = True
            risk.save(update_fields=["is_gone"])
        return
    why = why_again(risk, finding, now)
    if not why:
        return
    if why == "still_found":
        undo(risk, now)
    if risk.is_gone:
        risk.happened_at = None
    reopen(risk, why, now)
    take_over(risk, finding)
    begin(risk, lead, now)
    run_out_if_so(risk, now)
    risk.save()
    publish(RiskFound(risk.pk, lead, now))
    follow(risk, now)


def why_again(risk: Risk, finding: Finding, now: datetime) -> str:
    """Why a closed risk that is found opens again; "" where the closing stands."""
    if risk.closing == RiskClosing.ACCEPTED:
        return "acceptance_ended" if risk.accepted_until and now.date() > risk.accepted_until else ""
    if risk.is_gone or risk.closing == RiskClosing.GONE:
        return "came_back"
    if risk.closing == RiskClosing.UNTRUE or risk.closed_at is None:
        return ""
    proven = risk.closed_at + PROVEN_AFTER if risk.rule.is_forecast else risk.closed_at
    return "still_found" if finding.seen_at > proven else ""


def reopen(risk: Risk, why: str, now: datetime, actor: User | None = None) -> None:
    """Open again, still in its owner's hands; the caller saves."""
    risk.state = RiskState.HANDLING if risk.owner_id else RiskState.OPEN
    risk.closed_at, risk.closing, risk.accepted_until, risk.is_gone, risk.overdue_at = None, "", None, False, None
    write(risk, DeedKind.REOPENED, now, actor=actor, detail={"why": why})


def tell_overdue(rule: RiskRule, now: datetime) -> int:
    """Tell once of each open risk of the rule that is past its due time; returns how many were told."""
    late = rule.risks.select_for_update(no_key=True).exclude(state=RiskState.CLOSED)
    told = list(late.filter(due_at__lte=now, overdue_at=None).order_by("pk"))
    for risk in told:
        risk.overdue_at = now
        risk.save(update_fields=["overdue_at"])
        write(risk, DeedKind.OVERDUE, now, detail={"due_at": risk.due_at.isoformat()})
        publish(RiskDue(risk.pk, now))
    return len(told)
