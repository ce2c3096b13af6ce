"""Service groups over the API."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status
from ninja.params.functions import Header

from aftercare.accounts.access import person, require
from aftercare.desk import actions
from aftercare.desk.access import get_group_for, groups_for
from aftercare.desk.api.schemas import GroupMessageIn, GroupOut, MessageOut, MessagePage
from aftercare.desk.api.tickets import kept_key
from aftercare.desk.models import Group, Message
from aftercare.kernel.clock import utc_now
from aftercare.web.api import page_of_rows

router = Router(tags=["groups"])


@router.get("", response=list[GroupOut], summary="List service groups")
def list_groups(request: HttpRequest) -> list[Group]:
    """Every service group that exists for the caller."""
    return list(groups_for(person(request)))


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
    """Say something in the group; it goes out to the vendor's chat."""
    user = person(request)
    group = get_group_for(user, ref)
    require(user, "reply_to_tickets")
    message = actions.post_in_group(
        group=group,
        speaker=user,
        body=facts.body,
        provider_message_id=kept_key(user, group.ref, idempotency_key),
        now=utc_now(),
    )
    return Status(201, message)
