"""Connecting WeCom and Matrix over the API: for the provider's admins, secrets go in and never come out."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from aftercare.desk.actions.homeservers import add_homeserver, registration_of
from aftercare.desk.actions.wecom_accounts import CONFIG, SECRETS, save_wecom
from aftercare.desk.api.door import staff
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.notify.models import Account, Channel

router = Router(tags=["vendors"])
ADMIN = "manage_staff"
WECOM = (Channel.WECOM_CUSTOMER, Channel.WECOM_KF)
YAML = {200: {"description": "YAML", "content": {"application/yaml": {"schema": {"type": "string"}}}}}


class HomeserverIn(Schema):
    """A Matrix homeserver that we speak through."""

    name: str
    address: str
    server_name: str


class HomeserverOut(Schema):
    """A connected homeserver."""

    ref: str
    name: str
    enabled: bool
    address: str
    server_name: str

    @staticmethod
    def resolve_address(account: Account) -> str:
        """Where it is called."""
        return str(account.config["homeserver"])

    @staticmethod
    def resolve_server_name(account: Account) -> str:
        """What stands after the colon in its users' ids."""
        return str(account.config["server_name"])


class WecomIn(Schema):
    """What WeCom's own pages name; an empty secret leaves the kept one."""

    name: str
    channel: str = Field("wecom_customer", description="customer groups, or wecom_kf: customer service")
    told: dict[str, str] = Field({}, description="corp_id, agent_id, secret, archive_secret, bridge, open_kfid …")


class WecomOut(Schema):
    """An account with WeCom without its secrets; `callback` is where WeCom calls us."""

    ref: str
    name: str
    channel: str
    enabled: bool
    config: dict[str, Any]
    callback: str


@router.get("/homeservers", response=list[HomeserverOut], summary="Matrix homeservers")
def homeservers(request: HttpRequest) -> list[Account]:
    """Every homeserver."""
    staff(request, ADMIN)
    return list(Account.objects.filter(channel=Channel.MATRIX))


@router.post("/homeservers", response={201: HomeserverOut}, summary="Connect a Matrix homeserver")
def connect_homeserver(request: HttpRequest, facts: HomeserverIn) -> Status[Account]:
    """Load its registration file into it, then it hears us."""
    user = staff(request, ADMIN)
    told = {name: text.strip() for name, text in facts.model_dump().items()}
    return Status(201, add_homeserver(**told, actor=user, now=utc_now()))


@router.post("/homeservers/{ref}/registration", summary="A registration file", openapi_extra={"responses": YAML})
def registration(request: HttpRequest, ref: str) -> HttpResponse:
    """The file for the homeserver, with both tokens; that somebody took it is in the audit."""
    user = staff(request, ADMIN)
    account = get_object_or_404(Account, ref=ref, channel=Channel.MATRIX)
    text = registration_of(account=account, actor=user, now=utc_now())
    headers = {
        "Content-Disposition": f'attachment; filename="aftercare-{account.ref}.yaml"',
        "Cache-Control": "no-store",
    }
    return HttpResponse(text, content_type="application/yaml; charset=utf-8", headers=headers)


@router.get("/wecom-accounts", response=list[WecomOut], summary="Accounts with WeCom")
def wecom_accounts(request: HttpRequest) -> list[dict[str, Any]]:
    """Customer groups and customer service."""
    staff(request, ADMIN)
    return [shown(account) for account in Account.objects.filter(channel__in=WECOM)]


@router.post("/wecom-accounts", response={201: WecomOut}, summary="Add an account with WeCom")
def add_wecom(request: HttpRequest, facts: WecomIn) -> Status[dict[str, Any]]:
    """Everything has to be there; the refusal names what is missing."""
    user = staff(request, ADMIN)
    if facts.channel not in WECOM:
        raise Refused(_("Choose wecom_customer or wecom_kf."))
    channel = Channel(facts.channel)
    account = save_wecom(
        account=None, channel=channel, name=facts.name, told=words_of(facts), actor=user, now=utc_now()
    )
    return Status(201, shown(account))


@router.put("/wecom-accounts/{ref}", response=WecomOut, summary="Change an account with WeCom")
def change_wecom(request: HttpRequest, ref: str, facts: WecomIn) -> dict[str, Any]:
    """Its channel stays."""
    user = staff(request, ADMIN)
    account = get_object_or_404(Account, ref=ref, channel__in=WECOM)
    channel = Channel(account.channel)
    return shown(
        save_wecom(account=account, channel=channel, name=facts.name, told=words_of(facts), actor=user, now=utc_now())
    )


def words_of(facts: WecomIn) -> dict[str, str]:
    """The names that an account may have, without what no text holds."""
    names = {"private_key", "key_version", *sum((*CONFIG.values(), *SECRETS.values()), ())}
    return {name: facts.told.get(name, "")[:20_000] for name in names}


def shown(account: Account) -> dict[str, Any]:
    """An account without its secrets."""
    names = ("ref", "name", "channel", "enabled", "config")
    callback = f"{settings.BASE_URL}/wecom/{account.ref}/callback"
    return {**{name: getattr(account, name) for name in names}, "callback": callback}
