"""Telling customers, over the API."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Status
from ninja.params.functions import Query

from aftercare.accounts.access import provider_with
from aftercare.incidents.api.door import named, person_out, provider_at
from aftercare.incidents.api.update_schemas import (
    STAGES,
    ReadingOut,
    UpdateDraftOut,
    UpdateIn,
    UpdateOut,
    UpdateTemplateOut,
)
from aftercare.incidents.models import Incident, Stage, Update, UpdateTemplate
from aftercare.incidents.status.publishing import PublicTitle
from aftercare.incidents.telling.drafting import Start, draft_for, has_public
from aftercare.incidents.telling.posting import post_update, readings_of
from aftercare.incidents.telling.templates import offered_templates
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused

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
    if facts.public is not None and not has_public():
        raise Refused(_("There is no public status page that is open. Leave out `public`."))
    within = timedelta(minutes=facts.next_minutes) if facts.next_minutes is not None else None
    public = PublicTitle(**facts.public.dict()) if facts.public else None
    said = facts.dict(include={"stage", "body", "body_zh", "seen", "token"})
    update = post_update(incident=incident, author=user, public=public, next_within=within, now=utc_now(), **said)
    return Status(201, next(one for one in told(incident) if one["ref"] == update.ref))


@router.get("/incidents/{ref}/draft", response=UpdateDraftOut, summary="Begin an update")
def begin(
    request: HttpRequest,
    ref: str,
    stage: str = Query("", description=f"{STAGES}; empty: where the last update left"),
    template: str = Query("", description="an update template's ref: its text, filled, at its stage"),
) -> dict[str, Any]:
    """What the page's form begins with. Nothing is sent."""
    _user, incident = provider_at(request, ref)
    if stage not in ("", *Stage.values):
        raise Refused(_("Choose how far the work is."))
    [chosen] = named(offered_templates(), [template], _("There is no template %(ref)s.")) if template else [None]
    told = draft_for(incident, Start(chosen, chosen.stage if chosen else stage))
    public = {"title": told["public_title"], "title_zh": told["public_title_zh"]} if told["is_public"] else None
    names = ("stage", "body", "body_zh", "seen")
    return {**{name: told[name] for name in names}, "next_minutes": told["next_within"] or None, "public": public}


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
    return list(offered_templates())


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
