"""Planned changes over the API: for deploy systems of ours, and for customers' programs.

They are called planned changes here: a "change" of the API is one of an on-call schedule.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Status

from aftercare.accounts.access import person, provider_with, require
from aftercare.accounts.models import App, Customer, User
from aftercare.accounts.queries.people import list_staff_with
from aftercare.incidents.changes.access import changes_for, get_change_for, own_row
from aftercare.incidents.changes.announcing import announce_change, cancel_change, move_window, postpone_change
from aftercare.incidents.changes.answering import answer_change
from aftercare.incidents.changes.drafting import draft_change
from aftercare.incidents.changes.running import end_change, start_change
from aftercare.incidents.changes.schemas import (
    AnnouncementIn,
    BeginningIn,
    ChangeAnswerIn,
    EndingIn,
    NewWindowIn,
    PlannedChangeIn,
    PlannedChangeOut,
    PlannedChangesPage,
    WhyIn,
)
from aftercare.incidents.changes.story import active
from aftercare.incidents.changes.types import ChangeFacts, Texts
from aftercare.incidents.models import Answer, Change, ChangeCustomer
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.kernel.wall_clock import instant_of
from aftercare.telemetry.models import Resource
from aftercare.web.api import page_of_rows

router = Router(tags=["planned changes"])
ACTS, ANSWERS = "act_on_incidents", "reply_to_tickets"


@router.get("/planned-changes", response=PlannedChangesPage, summary="Planned changes")
def planned_changes(request: HttpRequest, cursor: str = "", limit: int = 50) -> dict[str, Any]:
    """Those that the caller may see: to a customer what was announced and touches them."""
    user = person(request)
    rows, following = page_of_rows(changes_for(user), cursor, limit)
    return {"changes": [told(user, one) for one in rows], "next": following}


@router.post("/planned-changes", response={201: PlannedChangeOut}, summary="Plan a change")
def plan_change(request: HttpRequest, facts: PlannedChangeIn) -> Status[dict[str, Any]]:
    """A draft: customers hear nothing of it until it is announced."""
    user = provider_with(request, ACTS)
    zone = zone_of(facts.timezone)
    texts = {name: getattr(facts, name) for name in ("title", "title_zh", "plan", "feel", "feel_zh", "rollback")}
    executor = by_ref(list_staff_with(ACTS), [facts.executor])[0] if facts.executor else None
    change = draft_change(
        facts=ChangeFacts(
            kind=facts.kind,
            texts=Texts(**texts, executor=executor),
            risk=facts.risk,
            timezone=facts.timezone,
            starts_at=instant(facts.starts_at, zone),
            ends_at=instant(facts.ends_at, zone),
            resources=resources_of(facts.resources),
            apps=by_ref(App.objects.all(), facts.apps),
            customers=by_ref(Customer.objects.all(), facts.customers),
            notice_days=facts.notice_days,
            expects_alerts=facts.expects_alerts,
        ),
        owner=user,
        token=facts.token,
        now=utc_now(),
    )
    return Status(201, told(user, change))


@router.get("/planned-changes/{ref}", response=PlannedChangeOut, summary="A planned change")
def planned_change(request: HttpRequest, ref: str) -> dict[str, Any]:
    """With what the customers say to its window; a customer reads their own answer alone."""
    user = person(request)
    return told(user, get_change_for(user, ref))


@router.post("/planned-changes/{ref}/announcement", response=PlannedChangeOut, summary="Announce a change")
def announce(request: HttpRequest, ref: str, facts: AnnouncementIn) -> dict[str, Any]:
    """Its customers see it from now on and are told on their days. Twice is once."""
    user = provider_with(request, ACTS)
    change = get_change_for(user, ref)
    return told(user, announce_change(change=change, **facts.dict(), actor=user, now=utc_now()))


@router.put("/planned-changes/{ref}/window", response=PlannedChangeOut, summary="Move a change's window")
def move(request: HttpRequest, ref: str, facts: NewWindowIn) -> dict[str, Any]:
    """All notices move with it; answers to the earlier window count no more."""
    user = provider_with(request, ACTS)
    change = get_change_for(user, ref)
    moved = move_window(
        change=change,
        starts_at=instant(facts.starts_at, change.zone),
        ends_at=instant(facts.ends_at, change.zone),
        late_reason=facts.late_reason,
        freeze_reason=facts.freeze_reason,
        actor=user,
        now=utc_now(),
    )
    return told(user, moved)


@router.post("/planned-changes/{ref}/postponement", response=PlannedChangeOut, summary="Postpone a change")
def postpone(request: HttpRequest, ref: str, facts: WhyIn) -> dict[str, Any]:
    """Its window is gone until another one is set."""
    user = provider_with(request, ACTS)
    change = get_change_for(user, ref)
    return told(user, postpone_change(change=change, reason=facts.reason, actor=user, now=utc_now()))


@router.post("/planned-changes/{ref}/cancellation", response=PlannedChangeOut, summary="Cancel a change")
def cancel(request: HttpRequest, ref: str, facts: WhyIn) -> dict[str, Any]:
    """It will not happen."""
    user = provider_with(request, ACTS)
    change = get_change_for(user, ref)
    return told(user, cancel_change(change=change, reason=facts.reason, actor=user, now=utc_now()))


@router.post("/planned-changes/{ref}/start", response=PlannedChangeOut, summary="A change begins")
def start(request: HttpRequest, ref: str, facts: BeginningIn) -> dict[str, Any]:
    """In its window alone; a medium or high risk that is not confirmed by all needs a decision. Twice is once."""
    user = provider_with(request, ACTS)
    change = get_change_for(user, ref)
    return told(user, start_change(change=change, decision=facts.decision, actor=user, now=utc_now()))


@router.post("/planned-changes/{ref}/end", response=PlannedChangeOut, summary="A change ends")
def end(request: HttpRequest, ref: str, facts: EndingIn) -> dict[str, Any]:
    """Done, or rolled back for a reason. Twice is once."""
    user = provider_with(request, ACTS)
    change = get_change_for(user, ref)
    if facts.result not in ("done", "rolled_back"):
        raise Refused(_("A change ends as done or rolled_back."))
    rolled_back = facts.result == "rolled_back"
    return told(
        user, end_change(change=change, rolled_back=rolled_back, reason=facts.reason, actor=user, now=utc_now())
    )


@router.post("/planned-changes/{ref}/answer", response=PlannedChangeOut, summary="Answer to a change's window")
def answer(request: HttpRequest, ref: str, facts: ChangeAnswerIn) -> dict[str, Any]:
    """A customer confirms the window or asks to postpone; ours write down what a customer said. Twice is once."""
    user = person(request)
    change = get_change_for(user, ref)
    require(user, ACTS if user.is_provider else ANSWERS)
    customer = (
        by_ref(Customer.objects.all(), [facts.customer or ""])[0]
        if user.is_provider
        else own_row(user, change).customer
    )
    wish = {name: getattr(facts, name) for name in ("wished_from", "wished_until")}
    answer_change(
        change=change,
        customer=customer,
        answer=facts.answer,
        window=facts.window,
        reason=facts.reason,
        **{name: instant(at, change.zone) if at else None for name, at in wish.items()},
        by=user,
        now=utc_now(),
    )
    return told(user, get_change_for(user, ref))


def told(user: User, change: Change) -> dict[str, Any]:
    """A change as this reader may see it."""
    names = (
        *("ref", "kind", "state", "title", "title_zh", "feel", "feel_zh", "risk", "timezone", "starts_at", "ends_at"),
        *("window", "announced_at", "started_at", "ended_at", "notice_days", "expects_alerts"),
    )
    rows: Sequence[ChangeCustomer] = active(change) if user.is_provider else [own_row(user, change)]
    ours = {"plan": change.plan, "rollback": change.rollback, "owner": change.owner.ref} if user.is_provider else {}
    return {
        **{name: getattr(change, name) for name in names},
        "late": change.is_late,
        **{"plan": None, "rollback": None, "owner": None, **ours},
        "touched": [told_customer(row) for row in rows],
    }


def told_customer(row: ChangeCustomer) -> dict[str, Any]:
    """One customer of a change."""
    answer = row.present_answer
    is_wish = answer == Answer.POSTPONE
    return {
        "customer": row.customer.ref,
        "answer": answer,
        "reason": row.reason if is_wish else "",
        "declined": row.declined if is_wish else "",
        "wished_from": row.wished_from if is_wish else None,
        "wished_until": row.wished_until if is_wish else None,
        "ticket": row.ticket.ref if row.ticket else None,
    }


def zone_of(name: str) -> ZoneInfo:
    """The zone. Raises Refused."""
    if name not in available_timezones():
        raise Refused(_("There is no such time zone. Write it like Asia/Shanghai."))
    return ZoneInfo(name)


def instant(at: datetime, zone: ZoneInfo) -> datetime:
    """The instant; a time without an offset is on this wall clock."""
    return at if at.tzinfo else instant_of(at, zone)


def by_ref(rows: QuerySet[Any], refs: Sequence[str | None]) -> list[Any]:
    """The rows with these refs. Raises Refused for one that there is not."""
    known = {row.ref: row for row in rows.filter(ref__in=refs)}
    missing = next((ref for ref in refs if ref not in known), None)
    if missing is not None:
        raise Refused(_("There is no “%(ref)s” to choose.") % {"ref": missing})
    return [known[ref] for ref in refs]


def resources_of(said: Sequence[str]) -> list[Resource]:
    """Resources by ref or by name. Raises Refused for one that there is not."""
    found: list[Resource] = []
    for word in said:
        here = list(Resource.objects.filter(ref=word)) or list(Resource.objects.filter(name=word))
        if not here:
            raise Refused(_("There is no “%(ref)s” to choose.") % {"ref": word})
        found += here
    return found
