"""Telling customers, over the API."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from ninja import Router, Status

from aftercare.accounts.access import provider_with
from aftercare.incidents.api.door import person_out, provider_at
from aftercare.incidents.api.schemas import ReadingOut, UpdateIn, UpdateOut, UpdateTemplateOut
from aftercare.incidents.models import Incident, Update, UpdateTemplate
from aftercare.incidents.telling.posting import post_update, readings_of
from aftercare.kernel.clock import utc_now

router = Router(tags=["incidents"])


@router.get("/incidents/{ref}/updates", response=list[UpdateOut], summary="What customers were told")
def updates(request: HttpRequest, ref: str) -> list[dict[str, Any]]:
    """The newest first; for the provider."""
    _user, incident = provider_at(request, ref)
    return told(incident)


@router.post("/incidents/{ref}/updates", response={201: UpdateOut}, summary="Tell customers")
def tell(request: HttpRequest, ref: str, facts: UpdateIn) -> Status[dict[str, Any]]:
    """In their tickets, groups and mailboxes, and on their status pages. Repeated with its `token` it is one update;
    refused where a colleague told them something since what was `seen`.
    """
    user, incident = provider_at(request, ref)
    within = timedelta(minutes=facts.next_minutes) if facts.next_minutes is not None else None
    said = facts.dict(include={"stage", "body", "body_zh", "seen", "token"})
    update = post_update(incident=incident, author=user, next_within=within, now=utc_now(), **said)
    return Status(201, next(one for one in told(incident) if one["ref"] == update.ref))


@router.get("/incidents/{ref}/readings", response=list[ReadingOut], summary="Who would read an update")
def readings(request: HttpRequest, ref: str) -> list[dict[str, Any]]:
    """Where an update that is sent now would be read, and in which language."""
    _user, incident = provider_at(request, ref)
    return [
        {
            "customer": one.customer.ref,
            "ticket": one.ticket.ref if one.ticket else None,
            "group": one.group.ref if one.group else None,
            "language": "zh" if one.is_chinese else "en",
        }
        for one in readings_of(incident)
    ]


@router.get("/update-templates", response=list[UpdateTemplateOut], summary="Update templates")
def update_templates(request: HttpRequest) -> list[UpdateTemplate]:
    """What the provider has worded beforehand, by name."""
    provider_with(request, "act_on_incidents")
    return list(UpdateTemplate.objects.filter(removed_at=None).order_by("name"))


def told(incident: Incident) -> list[dict[str, Any]]:
    """The incident's updates with how many have heard them, the newest first."""
    heard = Count("tellings", filter=Q(tellings__told_at__isnull=False))
    rows = Update.objects.filter(incident=incident).select_related("author")
    rows = rows.annotate(heard=heard, everybody=Count("tellings")).order_by("-number")
    names = ("ref", "number", "stage", "body", "body_zh", "at", "next_due_at")
    return [
        {
            **{name: getattr(one, name) for name in names},
            "author": person_out(one.author),
            "told": one.heard,
            "customers": one.everybody,
        }
        for one in rows
    ]
