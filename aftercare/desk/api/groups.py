"""Service groups over the API."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Status
from ninja.params.functions import Header

from aftercare.accounts.access import person
from aftercare.clocks.queries import clocks_about
from aftercare.desk import actions
from aftercare.desk.access import get_group_for, groups_for
from aftercare.desk.actions.group_tickets import open_from_message
from aftercare.desk.actions.group_waiver import waive_reply
from aftercare.desk.api.door import kept_key, speaker, staff
from aftercare.desk.api.group_schemas import GroupDetail, GroupIn, GroupTicketIn, NewGroupIn, ReplyFiguresOut
from aftercare.desk.api.schemas import GroupMessageIn, GroupOut, MessageOut, MessagePage, TicketOut
from aftercare.desk.figures import NOTHING, figures_by_group, people_figures
from aftercare.desk.forms import GroupForm
from aftercare.desk.group_words import what_it_can_do
from aftercare.desk.models import GROUP_REPLY, Group, Message, Ticket
from aftercare.kernel.clock import utc_now
from aftercare.web.api import page_of_rows, valid

router = Router(tags=["groups"])
MOST_DAYS = 90


@router.get("", response=list[GroupOut], summary="List service groups")
def list_groups(request: HttpRequest) -> list[Group]:
    """Every service group that exists for the caller."""
    return list(groups_for(person(request)))


@router.post("", response={201: GroupDetail}, summary="Make a group known")
def new_group(request: HttpRequest, facts: NewGroupIn) -> Status[dict[str, Any]]:
    """A chat of a vendor's becomes a customer's service group; what was said there before is worked on now."""
    user = staff(request, "manage_desk")
    form = GroupForm(facts.model_dump(), group=None)
    valid(form)
    group = actions.save_group(group=form.group(), actor=user, now=utc_now())
    return Status(201, told(get_group_for(user, group.ref), 30))


@router.get("/figures", response=list[ReplyFiguresOut], summary="Reply figures by person")
def figures(request: HttpRequest, days: int = 30) -> list[dict[str, Any]]:
    """Each of our people with what they answered in all groups, the busiest first."""
    user = staff(request)
    keys = [group.pk for group in groups_for(user)]
    return [counted(figures, who) for who, figures in people_figures(keys, within(days), utc_now())]


@router.get("/{ref}", response=GroupDetail, summary="One group")
def get_group(request: HttpRequest, ref: str, days: int = 30) -> dict[str, Any]:
    """The group with its first-reply clock, and its figures over so many days."""
    return told(get_group_for(person(request), ref), within(days))


@router.put("/{ref}", response=GroupDetail, summary="Set a group up")
def change_group(request: HttpRequest, ref: str, facts: GroupIn) -> dict[str, Any]:
    """Who answers for it and how fast. Its customer and its chat never change; a running clock keeps its target."""
    user = staff(request, "manage_desk")
    group = get_group_for(user, ref)
    form = GroupForm(facts.model_dump(), group=group)
    valid(form)
    actions.save_group(group=form.group(), actor=user, now=utc_now())
    return told(get_group_for(user, ref), 30)


@router.get("/{ref}/messages", response=MessagePage, summary="What was said in a group")
def list_messages(request: HttpRequest, ref: str, cursor: str = "", limit: int = 50) -> dict[str, Any]:
    """The group's messages, newest first."""
    group = get_group_for(person(request), ref)
    said = group.messages.select_related("author", "contact", "ticket").prefetch_related("attachments", "changes")
    found, following = page_of_rows(said.filter(internal=False), cursor, limit)
    return {"messages": found, "next": following}


@router.post("/{ref}/messages", response={201: MessageOut}, summary="Say something in a group")
def post_message(
    request: HttpRequest, ref: str, facts: GroupMessageIn, idempotency_key: str = Header("")
) -> Status[Message]:
    """Say something in the group; it goes out to the vendor's chat. The customer's people speak in their own app."""
    user, group = speaker(request, ref)
    message = actions.post_in_group(
        group=group,
        speaker=user,
        body=facts.body,
        provider_message_id=kept_key(user, group.ref, idempotency_key),
        now=utc_now(),
    )
    return Status(201, message)


@router.post("/{ref}/messages/{message}/ticket", response=TicketOut, summary="Make a ticket of a question")
def make_ticket(request: HttpRequest, ref: str, message: str, facts: GroupTicketIn) -> Ticket:
    """The question and its answers are then in both; asking again finds the first one's ticket."""
    user, group = speaker(request, ref)
    found = Message.objects.filter(group=group, ref=message).first()
    if found is None:
        raise Http404
    return open_from_message(group=group, message=found, actor=user, severity=facts.severity, now=utc_now())


@router.post("/{ref}/waiver", response=GroupDetail, summary="Say that nothing is owed")
def waive(request: HttpRequest, ref: str) -> dict[str, Any]:
    """What was said last needs no answer; the next words start a new clock."""
    user, group = speaker(request, ref)
    waive_reply(group=group, actor=user, now=utc_now())
    return told(get_group_for(user, ref), 30)


def within(days: int) -> int:
    """A period that is counted: 1 to MOST_DAYS days."""
    return min(max(days, 1), MOST_DAYS)


def told(group: Group, days: int) -> dict[str, Any]:
    """The group as its page shows it."""
    now = utc_now()
    clock = clocks_about(group.ref).filter(kind=GROUP_REPLY).first()
    numbers = figures_by_group([group.pk], now - timedelta(days=days), now).get(group.pk, NOTHING)
    names = ("ref", "name", "name_zh", "chat_id", "language", "expert", "deputy", "manager", "enabled")
    return {
        **{name: getattr(group, name) for name in (*names, "hears_incidents", "waiting_since", "reply_target_s")},
        "channel": group.account.channel,
        "account": group.account.ref,
        "customer": group.customer.ref,
        "calendar": group.calendar.ref if group.calendar else None,
        "note": what_it_can_do(group),
        "clock": clock,
        "figures": counted(numbers, None),
    }


def counted(figures: Any, who: Any) -> dict[str, Any]:
    """Figures with the share that they come to."""
    names = ("asked", "answered", "median_s", "p90_s", "late", "waiting", "in_time_share")
    return {"person": who, **{name: getattr(figures, name) for name in names}}
