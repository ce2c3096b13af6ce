"""What people outside are called: asked of WeCom once for each, after their first words, which do not wait for it."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from aftercare.desk.inward import take_in
from aftercare.desk.models import Contact, Identity, Inbound
from aftercare.kernel.errors import Refused
from aftercare.notify.clients.wecom import LATER, WecomError, ask
from aftercare.notify.envelope import credentials_of
from aftercare.notify.models import Channel

NAMES = "names"


def wish_name(row: Inbound, contact: Contact, external_id: str, *, chat_id: str = "", now: datetime) -> None:
    """Have somebody's name asked for while they have none but a placeholder; once for each person of an account."""
    asked = {"person": external_id, "placeholder": contact.name, "chat_id": chat_id}
    take_in(account=row.account, provider_message_id=f"{NAMES}:{external_id}"[:200], kind=NAMES, payload=asked, now=now)


def read_names(row: Inbound) -> None:
    """Ask for the name. Raises Refused where WeCom does not tell it, which nothing else depends on."""
    asked = row.payload
    try:
        names = member_names(row, asked) if row.account.channel == Channel.WECOM_CUSTOMER else nicknames(row, asked)
    except WecomError as error:
        if error.errcode in LATER:
            raise
        raise Refused(_("WeCom does not tell people's names: give the app the right to read customers.")) from error
    name = names.get(asked["person"])
    known = Identity.objects.filter(account=row.account, external_id=asked["person"]).select_related("contact").first()
    if known is not None and name and known.contact.name == asked["placeholder"]:
        known.contact.name = name[:120]
        known.contact.save(update_fields=["name"])


def member_names(row: Inbound, asked: dict[str, Any]) -> dict[str, str]:
    """The names of a customer group's members."""
    wish = {"chat_id": asked["chat_id"], "need_name": 1}
    chat = ask(credentials_of(row.account), "externalcontact/groupchat/get", wish).get("group_chat")
    return named(chat.get("member_list") if isinstance(chat, dict) else None, "userid", "name")


def nicknames(row: Inbound, asked: dict[str, Any]) -> dict[str, str]:
    """The WeChat name of somebody who writes to customer service."""
    wish = {"external_userid_list": [asked["person"]]}
    said = ask(credentials_of(row.account), "kf/customer/batchget", wish)
    return named(said.get("customer_list"), "external_userid", "nickname")


def named(people: object, key: str, name: str) -> dict[str, str]:
    """Ids and names in a list of the vendor's."""
    rows = [one for one in people if isinstance(one, dict)] if isinstance(people, list) else []
    return {str(one.get(key)): str(one[name]).strip() for one in rows if one.get(name)}
