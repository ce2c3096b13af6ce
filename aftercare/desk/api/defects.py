"""Defects in somebody's tracker, and the call centres and trackers that are connected, over the API."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from aftercare.desk.accounts import CALLS, TRACKER, accounts_of, set_enabled, tracker_named
from aftercare.desk.actions.trackers import tell_tracker
from aftercare.desk.api.door import handler, staff
from aftercare.desk.connecting import connect, get_desk_account, tried
from aftercare.desk.models import DefectLink, Inbound
from aftercare.kernel.clock import utc_now
from aftercare.notify.models import Account

router = Router(tags=["defects and trackers"])
MANAGE = "manage_accounts"


class DefectOut(Schema):
    """A ticket's defect in one tracker; `key` is the tracker's own, once it has told it."""

    ref: str
    tracker: str
    key: str
    url: str
    status: str
    updated_at: datetime

    @staticmethod
    def resolve_tracker(link: DefectLink) -> str:
        """The tracker's ref."""
        return link.account.ref


class DefectIn(Schema):
    """What the tracker is told."""

    tracker: str
    words: str


class InboundOut(Schema):
    """Something that the account sent us."""

    received_at: datetime
    state: str
    error: str

    @staticmethod
    def resolve_error(row: Inbound) -> str:
        """Why it could not be read, where it could not."""
        return row.last_error


class TrackerOut(Schema):
    """A call centre or a tracker. It calls `address`, signed with the secret that was shown once."""

    ref: str
    use: str = Field(description="tracker or calls")
    name: str
    enabled: bool
    address: str
    url: str
    last: list[InboundOut]


class TrackerIn(Schema):
    """What to connect. `paths` say where in their JSON our fields stand, `values` what their words mean."""

    use: str = Field(description="tracker or calls")
    name: str
    url: str = Field("", description="where a tracker takes defects")
    paths: dict[str, str] = {}
    values: dict[str, str] = {}
    theirs: dict[str, str] = Field({}, description="their fields, filled with ours or with a fixed text")


class TrackerMadeOut(TrackerOut):
    """The new one with its secret, which is shown here and never again."""

    secret: str


class TrackerStateIn(Schema):
    """In use or not."""

    enabled: bool


class SampleIn(Schema):
    """A JSON as they send it."""

    sample: Any = None


class TriedOut(Schema):
    """What it would come to."""

    found: dict[str, str]


@router.get("/tickets/{ref}/defects", response=list[DefectOut], summary="A ticket's defects")
def of_ticket(request: HttpRequest, ref: str) -> list[DefectLink]:
    """In every tracker."""
    _user, ticket = handler(request, ref)
    return list(ticket.defects.select_related("account"))


@router.post("/tickets/{ref}/defects", response=DefectOut, summary="Tell a tracker of a ticket")
def tell(request: HttpRequest, ref: str, facts: DefectIn) -> DefectLink:
    """Open a defect, or comment on the one that there is."""
    user, ticket = handler(request, ref)
    account = tracker_named(facts.tracker)
    return tell_tracker(ticket=ticket, account=account, words=facts.words, actor=user, now=utc_now())


@router.get("/trackers", response=list[TrackerOut], summary="Call centres and trackers")
def list_trackers(request: HttpRequest) -> list[dict[str, Any]]:
    """Each with the last five that came in."""
    staff(request)
    return [told(account) for use in (TRACKER, CALLS) for account in accounts_of(use)]


@router.post("/trackers", response={201: TrackerMadeOut}, summary="Connect a call centre or a tracker")
def add(request: HttpRequest, facts: TrackerIn) -> Status[dict[str, Any]]:
    """Keep the secret: it is not told again."""
    user = staff(request, MANAGE)
    told_us = facts.model_dump(exclude={"theirs"})
    account, secret = connect(**told_us, fields=facts.theirs, actor=user, now=utc_now())
    return Status(201, {**told(account), "secret": secret})


@router.put("/trackers/{ref}/state", response=TrackerOut, summary="Take a tracker in use or out of it")
def state(request: HttpRequest, ref: str, facts: TrackerStateIn) -> dict[str, Any]:
    """What comes in while it is out of use is refused."""
    user = staff(request, MANAGE)
    account = get_desk_account(ref)
    set_enabled(account=account, enabled=facts.enabled, actor=user, now=utc_now())
    return told(account)


@router.post("/trackers/{ref}/trial", response=TriedOut, summary="Try a mapping")
def trial(request: HttpRequest, ref: str, facts: SampleIn) -> dict[str, Any]:
    """What a JSON would come to; nothing is kept."""
    staff(request, MANAGE)
    return {"found": tried(get_desk_account(ref), facts.sample)}


def told(account: Account) -> dict[str, Any]:
    """An account as its page shows it."""
    return {
        "ref": account.ref,
        "use": account.config["use"],
        "name": account.name,
        "enabled": account.enabled,
        "address": f"{settings.BASE_URL}/hooks/desk/{account.ref}",
        "url": account.config.get("url", ""),
        "last": list(Inbound.objects.filter(account=account).order_by("-received_at", "-pk")[:5]),
    }
