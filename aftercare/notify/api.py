"""How the caller is reached, over the API."""

from datetime import time
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from aftercare.accounts.access import person
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.notify import actions
from aftercare.notify.access import get_contact_for
from aftercare.notify.models import Account, ContactMethod, QuietHours

router = Router(tags=["contacts"])


class ContactIn(Schema):
    """A new way to be reached. `account` is needed only where several of one chat's vendor are set up."""

    channel: str = Field(
        description="email, webhook, webpush, apprise, sms, voice, feishu, dingtalk, wecom, slack or telegram"
    )
    address: str = Field("", description="A number with its country's code, a mail or web address, an id in the chat")
    loudness: str = Field("", description="How Feishu or DingTalk makes it urgent: app, sms or phone; empty: not")
    after_s: int = Field(0, description="Seconds after a page, at most 3600")
    keys: str = Field("", description="Of a browser's push: p256dh and auth, a dot between")
    account: str | None = Field(None, description="The ref of the provider's account that knows the person by this id")


class RungIn(Schema):
    """What can change of a way to be reached."""

    enabled: bool
    loudness: str = ""
    after_s: int = 0


class CodeIn(Schema):
    """The code that was sent."""

    code: str = ""


class QuietHoursBody(Schema):
    """From when until when only what is urgent disturbs, on the person's own clock; null for never."""

    starts: time | None = None
    ends: time | None = None


class ContactOut(Schema):
    """One way to be reached; pages take those that are enabled and verified."""

    ref: str
    channel: str
    address: str
    loudness: str
    after_s: int
    enabled: bool
    verified: bool


@router.get("/contacts", response=list[ContactOut], summary="How I am reached")
def list_contacts(request: HttpRequest) -> list[ContactMethod]:
    """The caller's own ways, in the order of their ladder."""
    return list(ContactMethod.objects.filter(user=person(request)))


@router.post("/contacts", response={201: ContactOut}, summary="Add a way to be reached")
def add(request: HttpRequest, facts: ContactIn) -> Status[ContactMethod]:
    """It is used once it is verified: send a test, then follow its link or enter its code."""
    said: dict[str, Any] = facts.dict(exclude={"account"})
    account = get_object_or_404(Account, ref=facts.account, channel=facts.channel) if facts.account else None
    return Status(201, actions.add_contact(user=person(request), account=account, now=utc_now(), **said))


@router.put("/contacts/{ref}", response=ContactOut, summary="Change when and how a way is used")
def change(request: HttpRequest, ref: str, facts: RungIn) -> ContactMethod:
    """Its rung, its loudness, and whether it is used at all."""
    contact, now = get_contact_for(request.user, ref), utc_now()
    actions.set_rungs(rungs=[(contact, facts.after_s, facts.loudness)], now=now)
    if contact.enabled != facts.enabled:
        actions.set_enabled(contact=contact, enabled=facts.enabled, now=now)
    return contact


@router.delete("/contacts/{ref}", response={204: None}, summary="Remove a way to be reached")
def remove(request: HttpRequest, ref: str) -> Status[None]:
    """What was sent to it stays on record."""
    actions.remove_contact(contact=get_contact_for(request.user, ref), now=utc_now())
    return Status(204, None)


@router.post("/contacts/{ref}/test", response={204: None}, summary="Send a test, or the code that verifies")
def send_test(request: HttpRequest, ref: str) -> Status[None]:
    """409 where too many were sent."""
    actions.send_test(contact=get_contact_for(request.user, ref), now=utc_now())
    return Status(204, None)


@router.post("/contacts/{ref}/code", response=ContactOut, summary="Verify a phone or chat by its code")
def confirm(request: HttpRequest, ref: str, facts: CodeIn) -> ContactMethod:
    """409 for a code that is wrong, over, or tried too often: each try counts."""
    actions.confirm_by_code(contact=get_contact_for(request.user, ref), typed=facts.code[:20], now=utc_now())
    return get_contact_for(request.user, ref)


@router.get("/quiet-hours", response=QuietHoursBody, summary="My quiet hours")
def get_quiet_hours(request: HttpRequest) -> QuietHours | QuietHoursBody:
    """When warnings keep silent; both null where they never do."""
    return QuietHours.objects.filter(user=person(request)).first() or QuietHoursBody()


@router.put("/quiet-hours", response=QuietHoursBody, summary="Change my quiet hours")
def put_quiet_hours(request: HttpRequest, facts: QuietHoursBody) -> QuietHoursBody:
    """Both times, or neither for never. What is urgent rings all the same."""
    if (facts.starts is None) != (facts.ends is None):
        raise Refused(_("Give both times, or neither for no quiet hours."))
    actions.set_quiet_hours(user=person(request), starts=facts.starts, ends=facts.ends, now=utc_now())
    return facts
