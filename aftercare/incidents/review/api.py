"""What is said of incidents afterwards, over the API: reports for customers' programs, the rest for the provider's."""

from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status

from aftercare.accounts.access import person, provider_with
from aftercare.accounts.models import User
from aftercare.incidents.access import get_incident_for
from aftercare.incidents.models import FollowUp, Impact, Incident, Publication
from aftercare.incidents.review import duty, follow_ups, judging
from aftercare.incidents.review.forms import FollowUpForm, GradeForm, ResponsibilityForm
from aftercare.incidents.review.views import by_customer
from aftercare.kernel.clock import utc_now
from aftercare.web.api import valid

router = Router(tags=["incidents"])
ACTS = "act_on_incidents"


class IncidentReportRow(Schema):
    """A report that was published; `incident` is the incident's ref."""

    ref: str
    incident: str
    version: int
    published_at: datetime


class IncidentReportOut(IncidentReportRow):
    """A report in both languages: {en, zh}, each with title, figures, parts, lines, follow_ups and charts (SVG)."""

    document: dict[str, Any]


class CustomerImpact(Schema):
    """Whom it hit at one customer; null is unknown, not zero."""

    customer: str
    users: int | None
    sessions: int | None
    watched: int | None


class RulingOut(Schema):
    """Whose it was; `customer` null is for all that have no word of their own, `shares` percent by party."""

    customer: str | None
    party: str
    shares: dict[str, int]
    reason: str
    evidence: list[str]
    at: datetime


class FollowUpOut(Schema):
    """Something to do; `state` is open, done or dropped (`reason` says why)."""

    ref: str
    incident: str | None
    drill: str | None
    title: str
    title_zh: str
    owner: str
    due_on: date
    is_root_fix: bool
    state: str
    reason: str


class OwedOut(Schema):
    """What is owed: a report to customers or a word to the regulator."""

    kind: str
    state: str
    due_at: datetime | None
    breached_at: datetime | None


class ReviewOut(Schema):
    """An incident seen whole. `level` is what a person confirmed, `proposed` what the table makes of the counts."""

    level: int | None
    proposed: int | None
    users: int | None
    sessions: int | None
    watched: int | None
    minutes: int | None
    by_customer: list[CustomerImpact]
    responsibility: list[RulingOut]
    owed: list[OwedOut]
    follow_ups: list[FollowUpOut]


class GradeIn(Schema):
    """`seen` is how many gradings there were when you looked; a reason is needed where the table proposes another."""

    level: int
    users: int | None = None
    reason: str = ""
    seen: int = 0


class ResponsibilityIn(Schema):
    """`party` is ours, customer, third, shared (with the three shares, 100 together) or undetermined."""

    customer: str = ""
    party: str
    ours: int | None = None
    theirs: int | None = None
    third: int | None = None
    reason: str
    evidence: list[str] = []
    seen: int = 0


class FollowUpIn(Schema):
    """What, by whom (a ref of one of our people), until when."""

    title: str = ""
    title_zh: str = ""
    owner: str
    due_on: date
    is_root_fix: bool = False


class FollowUpEnd(Schema):
    """How it ends: `state` is done or dropped; to drop it takes a reason."""

    state: str = Field("done", description="done or dropped")
    reason: str = ""


@router.get("/incident-reports", response=list[IncidentReportRow], summary="Incident reports")
def list_reports(request: HttpRequest, customer: str = "") -> list[dict[str, Any]]:
    """The newest version of each report that was published to your customer; the provider names one, or reads all."""
    each = ("post_mortem_id", "customer_id")
    rows = publications(request, customer).order_by(*each, "-pk").distinct(*each)
    newest = Publication.objects.filter(pk__in=rows.values("pk")).select_related("post_mortem__incident")
    return [row_of(one) for one in newest.order_by("-at")[:500]]


@router.get("/incident-reports/{ref}", response=IncidentReportOut, summary="One incident report")
def get_report(request: HttpRequest, ref: str, customer: str = "") -> dict[str, Any]:
    """What your customer was given last; the provider says whose (`customer`)."""
    rows = publications(request, customer).filter(post_mortem__ref=ref)
    row = rows.select_related("post_mortem__incident").order_by("-pk").first()
    if row is None:
        raise Http404
    return {**row_of(row), "document": row.document}


def publications(request: HttpRequest, customer: str) -> Any:
    """The publications that the caller may read."""
    user = person(request)
    rows = Publication.objects.all()
    if not user.is_provider:
        return rows.filter(customer=user.customer_id)
    provider_with(request, ACTS)
    return rows.filter(customer__ref=customer[:16]) if customer else rows


def row_of(row: Publication) -> dict[str, Any]:
    """A publication without its document."""
    incident = row.post_mortem.incident
    return {"ref": row.post_mortem.ref, "incident": incident.ref, "version": row.version, "published_at": row.at}


@router.get("/incidents/{ref}/review", response=ReviewOut, summary="An incident seen whole")
def get_review(request: HttpRequest, ref: str) -> dict[str, Any]:
    """Grade, whom it hit, whose it was, what is owed and what follows; for the provider."""
    _user, incident = ours(request, ref)
    impact, grade = Impact.objects.filter(incident=incident).first(), judging.grade_of(incident)
    figures = ("users", "sessions", "watched", "minutes")
    return {
        **{name: getattr(impact, name) if impact else None for name in figures},
        "level": grade.level if grade else None,
        "proposed": impact.level if impact else None,
        "by_customer": [{**row, "customer": row["customer"].ref} for row in by_customer(impact)],
        "responsibility": [ruling_of(one["row"]) for one in judging.words_of(incident)],
        "owed": duty.clocks_of(incident),
        "follow_ups": [told(row) for row in follow_ups.of_incident(incident).select_related("owner", "incident")],
    }


@router.post("/incidents/{ref}/grade", response={204: None}, summary="Grade an incident")
def grade(request: HttpRequest, ref: str, facts: GradeIn) -> Status[None]:
    """Confirm the proposed level, or say another with a reason; 409 where somebody was faster."""
    user, incident = ours(request, ref)
    said = valid(GradeForm({name: value for name, value in facts.dict().items() if value is not None}))
    judging.grade(incident=incident, actor=user, now=utc_now(), **said)
    return Status(204, None)


@router.post("/incidents/{ref}/responsibility", response={204: None}, summary="Say whose an incident was")
def responsibility(request: HttpRequest, ref: str, facts: ResponsibilityIn) -> Status[None]:
    """For all customers, or for one; a reason and evidence are needed; 409 where somebody was faster."""
    user, incident = ours(request, ref)
    plain = {name: value for name, value in facts.dict().items() if value is not None}
    form = ResponsibilityForm({**plain, "evidence": "\n".join(facts.evidence)}, incident=incident)
    valid(form)
    judging.hold_responsible(incident=incident, actor=user, now=utc_now(), **form.facts())
    return Status(204, None)


@router.get("/follow-ups", response=list[FollowUpOut], summary="Open follow-ups")
def list_follow_ups(request: HttpRequest) -> list[dict[str, Any]]:
    """Everything that is still to be done after incidents and drills, the most overdue first; for the provider."""
    provider_with(request, ACTS)
    return [told(row) for row in follow_ups.open_follow_ups()[:500]]


@router.post("/incidents/{ref}/follow-ups", response={201: FollowUpOut}, summary="Set a follow-up")
def add(request: HttpRequest, ref: str, facts: FollowUpIn) -> Status[dict[str, Any]]:
    """Something to do so that it does not happen again."""
    user, incident = ours(request, ref)
    said = valid(FollowUpForm({**facts.dict(), "due_on": facts.due_on.isoformat()}))
    row = follow_ups.add_follow_up(incident=incident, actor=user, now=utc_now(), **said)
    return Status(201, told(row))


@router.post("/follow-ups/{ref}/end", response=FollowUpOut, summary="End a follow-up")
def end(request: HttpRequest, ref: str, facts: FollowUpEnd) -> dict[str, Any]:
    """It is done, or dropped with a reason."""
    user = provider_with(request, ACTS)
    get_object_or_404(FollowUp, ref=ref)
    row = follow_ups.end_follow_up(ref=ref, state=facts.state, reason=facts.reason, actor=user, now=utc_now())
    return told(row)


def ours(request: HttpRequest, ref: str) -> tuple[User, Incident]:
    """The caller, of the provider, who may act, and the incident."""
    user = provider_with(request, ACTS)
    return user, get_incident_for(user, ref)


def ruling_of(row: Any) -> dict[str, Any]:
    """A word about whose it was."""
    plain = {name: getattr(row, name) for name in ("party", "shares", "reason", "evidence", "at")}
    return {**plain, "customer": row.customer.ref if row.customer else None}


def told(row: FollowUp) -> dict[str, Any]:
    """A follow-up."""
    names = ("ref", "title", "title_zh", "due_on", "is_root_fix", "state", "reason")
    return {
        **{name: getattr(row, name) for name in names},
        "incident": row.incident.ref if row.incident else None,
        "drill": row.drill.ref if row.drill else None,
        "owner": row.owner.ref,
    }
