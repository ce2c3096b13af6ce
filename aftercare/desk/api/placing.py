"""Over the API: chats that nobody has placed, and who agreed to WeCom's archive."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status

from aftercare.desk.access import get_unknown_chat_for, unknown_chats_for
from aftercare.desk.actions import adopt_chat, dismiss_chat
from aftercare.desk.actions.archive_consent import record_consent
from aftercare.desk.api.door import staff
from aftercare.desk.api.schemas import GroupOut
from aftercare.desk.forms import AdoptForm
from aftercare.desk.models import ArchiveConsent, Group, UnknownChat
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.notify.models import Account, Channel
from aftercare.web.api import Page, page_of_rows, valid

router = Router(tags=["groups"])
ADMIN = "manage_staff"


class UnknownChatOut(Schema):
    """A chat to which our bot was added; what was said there is kept."""

    ref: str
    account: str
    chat_id: str
    name: str
    messages: int
    first_seen_at: datetime
    last_seen_at: datetime

    @staticmethod
    def resolve_account(chat: UnknownChat) -> str:
        """The ref of the account with the vendor."""
        return chat.account.ref


class UnknownChatPage(Page):
    """Chats that wait to be placed."""

    chats: list[UnknownChatOut]


class AdoptionIn(Schema):
    """Whose group it is, by ref; `expert` is the colleague who answers."""

    customer: str
    name: str
    expert: str = ""


class ConsentIn(Schema):
    """What a person outside answered; without a group it is for all of the account's chats."""

    person: str
    group: str = ""
    agreed: bool
    at: datetime


class ConsentOut(Schema):
    """An answer, how we know of it, and who wrote it down."""

    person: str
    chat_id: str
    agreed: bool
    how: str
    recorded_by: str | None
    at: datetime

    @staticmethod
    def resolve_person(consent: ArchiveConsent) -> str:
        """WeCom's id of the person."""
        return consent.external_id

    @staticmethod
    def resolve_recorded_by(consent: ArchiveConsent) -> str | None:
        """The colleague's name."""
        return consent.recorded_by.name if consent.recorded_by else None


class ConsentPage(Page):
    """Answers of people outside."""

    consents: list[ConsentOut]


@router.get("/unknown-chats", response=UnknownChatPage, summary="Chats that nobody has placed")
def list_unknown(request: HttpRequest, cursor: str = "", limit: int = 50) -> dict[str, Any]:
    """They belong to no service group yet."""
    found, following = page_of_rows(unknown_chats_for(staff(request)), cursor, limit)
    return {"chats": found, "next": following}


@router.post("/unknown-chats/{ref}/adoption", response={201: GroupOut}, summary="Make a chat a service group")
def adopt(request: HttpRequest, ref: str, facts: AdoptionIn) -> Status[Group]:
    """What was said there comes in now."""
    user = staff(request, "manage_desk")
    chat = get_unknown_chat_for(user, ref)
    form = AdoptForm(facts.model_dump(), chat=chat)
    valid(form)
    return Status(201, adopt_chat(chat=chat, **form.cleaned_data, actor=user, now=utc_now()))


@router.delete("/unknown-chats/{ref}", response={204: None}, summary="Dismiss a chat")
def dismiss(request: HttpRequest, ref: str) -> Status[None]:
    """It is no customer's; it comes again with the next message while our bot is in it."""
    user = staff(request, "manage_desk")
    dismiss_chat(chat=get_unknown_chat_for(user, ref), actor=user, now=utc_now())
    return Status(204, None)


@router.get("/wecom-accounts/{ref}/consents", response=ConsentPage, summary="Who agreed to the archive")
def list_consents(request: HttpRequest, ref: str, cursor: str = "", limit: int = 50) -> dict[str, Any]:
    """Every answer that is known."""
    staff(request, ADMIN)
    rows = ArchiveConsent.objects.filter(account=archive(ref)).select_related("recorded_by")
    found, following = page_of_rows(rows, cursor, limit)
    return {"consents": found, "next": following}


@router.post("/wecom-accounts/{ref}/consents", response={201: ConsentOut}, summary="Write down who agreed")
def add_consent(request: HttpRequest, ref: str, facts: ConsentIn) -> Status[ArchiveConsent]:
    """What somebody answered a colleague; it holds for what WeCom archives from now on."""
    user, account = staff(request, ADMIN), archive(ref)
    group = Group.objects.filter(account=account, ref=facts.group).first()
    if facts.group and group is None:
        raise Refused(_("Say what they answered, and for which group."))
    if facts.at.tzinfo is None:
        raise Refused(_("Say when they answered: a date and a time."))
    consent = record_consent(
        account=account,
        external_id=facts.person,
        chat_id=group.chat_id if group else "",
        agreed=facts.agreed,
        at=facts.at,
        actor=user,
        now=utc_now(),
    )
    return Status(201, consent)


def archive(ref: str) -> Account:
    """An account with WeCom's archive."""
    return get_object_or_404(Account, ref=ref, channel=Channel.WECOM_CUSTOMER)
