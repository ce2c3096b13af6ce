"""What keeps a ticket from being lost, over the API: tags, own fields, following, sleep, reminders, looking at it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status

from aftercare.accounts.access import person
from aftercare.accounts.models import User
from aftercare.desk import actions
from aftercare.desk.access import get_ticket_for
from aftercare.desk.api.door import handler
from aftercare.desk.api.schemas import PersonOut
from aftercare.desk.models import Field as OwnField
from aftercare.desk.models import FieldValue, Look, Reminder, Ticket
from aftercare.desk.portal import follows_of
from aftercare.kernel.clock import utc_now

router = Router(tags=["organising"])


class Tags(Schema):
    """Exactly these tags."""

    tags: list[str]


class FieldAnswerOut(Schema):
    """What the ticket says to one of the provider's own fields, as JSON of its type."""

    field: str
    value: str | float | bool | None


class FieldAnswersIn(Schema):
    """Answers by the field's ref; an empty one takes the answer away, a missing one leaves it."""

    answers: dict[str, str] = Field(description="texts: a number, 2026-11-30, yes or no, one of the choices")


class SnoozeIn(Schema):
    """Until when it sleeps: it wakes then, or when somebody on the other side writes."""

    until: datetime
    version: int | None = None


class SnoozeOut(Schema):
    """Until when it sleeps; null where it is awake."""

    until: datetime | None


class ReminderIn(Schema):
    """When one wants to be reminded."""

    due_at: datetime
    note: str = ""


class ReminderOut(ReminderIn):
    """A reminder of the caller's own."""

    ref: str


class FollowingOut(Schema):
    """The caller's own word on hearing of the ticket; null where they gave none and their role decides."""

    follows: bool | None


class LookIn(Schema):
    """That one has the ticket open, and whether one writes."""

    typing: bool = False


class LookOut(Schema):
    """Somebody else who has it open."""

    person: PersonOut
    at: datetime
    typed_at: datetime | None

    @staticmethod
    def resolve_person(look: Look) -> User:
        """Who."""
        return look.user


@router.get("/tickets/{ref}/tags", response=Tags, summary="A ticket's tags")
def get_tags(request: HttpRequest, ref: str) -> dict[str, Any]:
    """The provider's words for sorting; customers never see them."""
    _user, ticket = handler(request, ref)
    return tags_of(ticket)


@router.put("/tickets/{ref}/tags", response=Tags, summary="Tag a ticket")
def put_tags(request: HttpRequest, ref: str, facts: Tags) -> dict[str, Any]:
    """Exactly these tags from now on."""
    user, ticket = handler(request, ref)
    return tags_of(actions.tag_ticket(ticket=ticket, names=facts.tags, actor=user, now=utc_now()))


@router.get("/tickets/{ref}/answers", response=list[FieldAnswerOut], summary="Own fields of a ticket")
def get_answers(request: HttpRequest, ref: str) -> list[dict[str, Any]]:
    """What it says to the provider's own fields."""
    _user, ticket = handler(request, ref)
    return answers_of(ticket)


@router.put("/tickets/{ref}/answers", response=list[FieldAnswerOut], summary="Answer own fields")
def put_answers(request: HttpRequest, ref: str, facts: FieldAnswersIn) -> list[dict[str, Any]]:
    """Keep answers to some of the fields in use, all of them or none."""
    user, ticket = handler(request, ref)
    with transaction.atomic():
        for field_ref, text in facts.answers.items():
            field = get_object_or_404(OwnField, ref=field_ref, is_used=True)
            actions.answer_field(ticket=ticket, field=field, text=text, actor=user, now=utc_now())
    return answers_of(ticket)


@router.get("/tickets/{ref}/following", response=FollowingOut, summary="Whether one follows a ticket")
def following(request: HttpRequest, ref: str) -> dict[str, Any]:
    """A person's own word, of either side."""
    user = person(request)
    return {"follows": follows_of(user, get_ticket_for(user, ref))}


@router.post("/tickets/{ref}/following", response=FollowingOut, summary="Follow a ticket")
def follow(request: HttpRequest, ref: str) -> dict[str, Any]:
    """Hear of everything in it, by mail too; a reader's own business, whatever their role."""
    return followed(request, ref, follows=True)


@router.delete("/tickets/{ref}/following", response=FollowingOut, summary="Follow a ticket no more")
def unfollow(request: HttpRequest, ref: str) -> dict[str, Any]:
    """Hear of nothing in it."""
    return followed(request, ref, follows=False)


@router.post("/tickets/{ref}/snooze", response=SnoozeOut, summary="Let a ticket sleep")
def snooze(request: HttpRequest, ref: str, facts: SnoozeIn) -> dict[str, Any]:
    """Out of the inbox until then; 409 with who was first where `version` is stale."""
    user, ticket = handler(request, ref)
    row = actions.snooze_ticket(ticket=ticket, until=facts.until, user=user, version=facts.version, now=utc_now())
    return {"until": row.snoozed_until}


@router.delete("/tickets/{ref}/snooze", response=SnoozeOut, summary="Wake a ticket")
def wake(request: HttpRequest, ref: str) -> dict[str, Any]:
    """Back into the inbox."""
    user, ticket = handler(request, ref)
    return {"until": actions.wake_ticket(ticket=ticket, user=user, now=utc_now()).snoozed_until}


@router.get("/tickets/{ref}/reminders", response=list[ReminderOut], summary="One's own reminders")
def reminders(request: HttpRequest, ref: str) -> list[Reminder]:
    """Those still to come, the next first."""
    user, ticket = handler(request, ref)
    return list(ticket.reminders.filter(user=user, done_at=None).order_by("due_at"))


@router.post("/tickets/{ref}/reminders", response={201: ReminderOut}, summary="Be reminded of a ticket")
def remind(request: HttpRequest, ref: str, facts: ReminderIn) -> Status[Reminder]:
    """Set a reminder for oneself."""
    user, ticket = handler(request, ref)
    return Status(201, actions.remind(ticket=ticket, user=user, due_at=facts.due_at, text=facts.note, now=utc_now()))


@router.post("/tickets/{ref}/look", response=list[LookOut], summary="Say that one has a ticket open")
def look(request: HttpRequest, ref: str, facts: LookIn) -> list[Look]:
    """Holds for half a minute; answers with the others who have it open, those who write first."""
    user, ticket = handler(request, ref)
    return actions.look_at(ticket=ticket, user=user, is_typing=facts.typing, now=utc_now())


@router.post("/tickets/{ref}/reading", response={204: None}, summary="Say that one has read a ticket")
def read(request: HttpRequest, ref: str) -> Status[None]:
    """What was said until now is not new to the caller any more."""
    user = person(request)
    actions.mark_read(ticket=get_ticket_for(user, ref), user=user, now=utc_now())
    return Status(204, None)


def tags_of(ticket: Ticket) -> dict[str, Any]:
    """Its tags by name."""
    return {"tags": list(ticket.tags.values_list("name", flat=True))}


def answers_of(ticket: Ticket) -> list[dict[str, Any]]:
    """Its answers in the order of the fields."""
    said = FieldValue.objects.filter(ticket=ticket).select_related("field").order_by("field__name", "pk")
    return [{"field": one.field.ref, "value": one.value} for one in said]


def followed(request: HttpRequest, ref: str, *, follows: bool) -> dict[str, Any]:
    """The caller's word kept."""
    user = person(request)
    actions.follow_ticket(ticket=get_ticket_for(user, ref), user=user, follows=follows, now=utc_now())
    return {"follows": follows}
