"""What differs from a schedule for a while, and swaps, over the API."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Status

from aftercare.accounts.access import provider_with
from aftercare.accounts.models import User
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.oncall import actions
from aftercare.oncall.access import get_change_for, get_schedule_for, get_swap_for
from aftercare.oncall.api.schedules import aware, person_by, staff
from aftercare.oncall.api.schemas import (
    ChangeIn,
    ChangeOfScheduleOut,
    SwapIn,
    SwapOut,
    TakingIn,
    told_change,
    told_swap,
)
from aftercare.oncall.models import ChangeKind, Swap
from aftercare.oncall.queries import open_swaps

router = Router(tags=["on-call"])
TAKES = "acknowledge_pages"


@router.get("/schedules/{ref}/changes", response=list[ChangeOfScheduleOut], summary="A schedule's changes")
def list_changes(request: HttpRequest, ref: str) -> list[dict[str, Any]]:
    """Those that are not over, by their begin."""
    schedule = get_schedule_for(staff(request), ref)
    changes = schedule.changes.filter(ends_at__gt=utc_now()).select_related("user", "replaced")
    return [told_change(one) for one in changes.order_by("starts_at", "pk")]


@router.post("/schedules/{ref}/changes", response={201: ChangeOfScheduleOut}, summary="Let a schedule be otherwise")
def add_change(request: HttpRequest, ref: str, facts: ChangeIn) -> Status[dict[str, Any]]:
    """Somebody holds alone, stands in, joins or is free for a while."""
    user = provider_with(request, TAKES)
    schedule = get_schedule_for(user, ref)
    if facts.kind not in ChangeKind.values:
        raise Refused(_("A change is instead, replace, add or remove."))
    change = actions.add_change(
        schedule=schedule,
        kind=facts.kind,
        user=person_by(facts.person),
        replaced=person_by(facts.replaced) if facts.replaced else None,
        starts_at=aware(facts.starts_at),
        ends_at=aware(facts.ends_at),
        reason=facts.reason,
        accepts_holes=facts.accept_holes,
        actor=user,
        now=utc_now(),
    )
    return Status(201, told_change(change))


@router.delete("/changes/{ref}", response={204: None}, summary="End a change of a schedule")
def remove_change(request: HttpRequest, ref: str, accept_holes: bool = False) -> Status[None]:
    """The schedule's own order holds again from now on."""
    user = provider_with(request, TAKES)
    change = get_change_for(user, ref)
    actions.remove_change(change=change, accepts_holes=accept_holes, actor=user, now=utc_now())
    return Status(204, None)


@router.get("/schedules/{ref}/swaps", response=list[SwapOut], summary="A schedule's swaps")
def list_swaps(request: HttpRequest, ref: str) -> list[dict[str, Any]]:
    """Those that are asked for or taken, and not over."""
    schedule = get_schedule_for(staff(request), ref)
    return [told_swap(swap) for swap in open_swaps(utc_now()) if swap.schedule_id == schedule.pk]


@router.post("/schedules/{ref}/swaps", response={201: SwapOut}, summary="Ask who takes one's time")
def ask_swap(request: HttpRequest, ref: str, facts: SwapIn) -> Status[dict[str, Any]]:
    """The others on the schedule are told."""
    user = provider_with(request, TAKES)
    swap = actions.ask_swap(
        schedule=get_schedule_for(user, ref),
        user=user,
        starts_at=aware(facts.starts_at),
        ends_at=aware(facts.ends_at),
        reason=facts.reason,
        now=utc_now(),
    )
    return Status(201, told_swap(swap))


@router.post("/swaps/{ref}/taking", response=SwapOut, summary="Take a swap")
def take(request: HttpRequest, ref: str, facts: TakingIn) -> dict[str, Any]:
    """Stand in oneself; a manager may let another do it. The first one has it."""

    def taken(swap: Swap, user: User) -> Swap:
        taker = person_by(facts.taker) if facts.taker else user
        return actions.take_swap(swap=swap, taker=taker, actor=user, now=utc_now())

    return moved(request, ref, taken)


@router.post("/swaps/{ref}/return", response=SwapOut, summary="Give a swap back")
def give_back(request: HttpRequest, ref: str) -> dict[str, Any]:
    """Whoever took it does not, after all: it is open again."""
    return moved(request, ref, lambda swap, user: actions.give_swap_back(swap=swap, actor=user, now=utc_now()))


@router.post("/swaps/{ref}/withdrawal", response=SwapOut, summary="Withdraw a swap")
def withdraw(request: HttpRequest, ref: str) -> dict[str, Any]:
    """Nobody needs to take it any more."""
    return moved(request, ref, lambda swap, user: actions.withdraw_swap(swap=swap, actor=user, now=utc_now()))


def moved(request: HttpRequest, ref: str, move: Callable[[Swap, User], Swap]) -> dict[str, Any]:
    """A swap after a step of somebody who takes pages."""
    user = provider_with(request, TAKES)
    return told_swap(move(get_swap_for(user, ref), user))
