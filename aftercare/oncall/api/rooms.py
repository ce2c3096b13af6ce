"""Rooms and webhooks that steps speak to, over the API."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status

from aftercare.accounts.access import provider_with
from aftercare.kernel.clock import utc_now
from aftercare.notify.models import Account
from aftercare.oncall import actions
from aftercare.oncall.access import get_room_for
from aftercare.oncall.models import Room

router = Router(tags=["escalation"])
CHANGES = "manage_oncall"


class EscalationRoomIn(Schema):
    """A group of a chat, or without `account` a program's webhook."""

    name: str
    account: str | None = Field(None, description="The ref of the account that speaks in the chat; null: a webhook")
    address: str = Field(description="The vendor's id of the group, or the webhook's address")
    language: str = Field("", description="zh-hans or en, in which pages speak there; empty: the installation's")


class EscalationRoomOut(Schema):
    """A room; a webhook's `secret` is told once, when it is added."""

    ref: str
    name: str
    kind: str = Field(description="room or webhook: what a step calls it")
    account: str
    address: str
    language: str
    secret: str | None


@router.get("/escalation-rooms", response=list[EscalationRoomOut], summary="Rooms that steps can speak to")
def list_rooms(request: HttpRequest) -> list[dict[str, Any]]:
    """By name."""
    provider_with(request, CHANGES)
    return [told(room) for room in Room.objects.select_related("account")]


@router.post("/escalation-rooms", response={201: EscalationRoomOut}, summary="Add a room")
def add(request: HttpRequest, facts: EscalationRoomIn) -> Status[dict[str, Any]]:
    """A webhook's secret signs each message as Standard Webhooks says."""
    user = provider_with(request, CHANGES)
    account = get_object_or_404(Account, ref=facts.account) if facts.account else None
    room, secret = actions.add_room(
        name=facts.name, account=account, address=facts.address, language=facts.language, actor=user, now=utc_now()
    )
    return Status(201, told(room, secret))


@router.delete("/escalation-rooms/{ref}", response={204: None}, summary="Remove a room")
def remove(request: HttpRequest, ref: str) -> Status[None]:
    """409 while a policy has it as a step."""
    user = provider_with(request, CHANGES)
    actions.remove_room(room=get_room_for(user, ref), actor=user, now=utc_now())
    return Status(204, None)


@router.post("/escalation-rooms/{ref}/trial", response={204: None}, summary="Send a test to a room")
def trial(request: HttpRequest, ref: str) -> Status[None]:
    """One message, on its way within seconds."""
    user = provider_with(request, CHANGES)
    actions.try_room(room=get_room_for(user, ref), actor=user, now=utc_now())
    return Status(204, None)


def told(room: Room, secret: str = "") -> dict[str, Any]:
    """A room as the API tells it."""
    return {
        "ref": room.ref,
        "name": room.name,
        "kind": room.kind,
        "account": room.account.ref,
        "address": room.address,
        "language": room.language,
        "secret": secret or None,
    }
