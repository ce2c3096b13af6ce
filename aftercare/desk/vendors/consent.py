"""Who outside agrees that WeCom's archive hands their words to us. Without a yes nothing of theirs is kept."""

from datetime import datetime
from typing import Any

from aftercare.desk.models import ArchiveConsent, ConsentHow
from aftercare.desk.vendors.moments import moment
from aftercare.notify.clients.wecom import ARCHIVE, ask
from aftercare.notify.envelope import Credentials
from aftercare.notify.models import Account

# External contacts' ids begin so, those of the corporation's own members never do with these and 32 characters.
OUTSIDE = ("wm", "wo", "wb")
YES = frozenset({"Agree", "Default_Agree"})
NO = frozenset({"Disagree"})
Answers = list[tuple[str, bool, datetime]]


def is_outside(user_id: str) -> bool:
    """Whether this id is an external contact's."""
    return user_id.startswith(OUTSIDE) and len(user_id) >= 20


def answer_in(message: dict[str, Any], now: datetime) -> tuple[str, bool, datetime] | None:
    """The person's answer that a message of kind agree or disagree is; None for any other message."""
    kind = message.get("msgtype")
    said = message.get(str(kind))
    if kind not in ("agree", "disagree") or not isinstance(said, dict) or not isinstance(said.get("userid"), str):
        return None
    return said["userid"][:200], kind == "agree", moment(said.get(f"{kind}_time"), now, per_s=1000)


def ask_room(account: Credentials, chat_id: str, now: datetime) -> Answers:
    """What each person outside has answered in a group. Raises as `clients.wecom.ask` does."""
    said = ask(account, "msgaudit/check_room_agree", {"roomid": chat_id}, secret=ARCHIVE, timeout_s=3.0)
    found: Answers = []
    for info in said.get("agreeinfo") or []:
        # The vendor's own spelling.
        person, status = info.get("exteranalopenid"), info.get("agree_status")
        if isinstance(person, str) and status in YES | NO:
            found.append((person[:200], status in YES, moment(info.get("status_change_time"), now)))
    return found


def record(*, account: Account, external_id: str, chat_id: str, agreed: bool, how: ConsentHow, at: datetime) -> None:
    """Keep an answer; an older one than the one we have changes nothing."""
    key = {"account": account, "external_id": external_id, "chat_id": chat_id}
    told = {"agreed": agreed, "how": how, "at": at}
    row, is_new = ArchiveConsent.objects.get_or_create(**key, defaults=told)
    if not is_new and row.at <= at:
        ArchiveConsent.objects.filter(pk=row.pk).update(**told, recorded_by=None)


def answer_of(*, account: Account, external_id: str, chat_id: str) -> bool | None:
    """The newest answer for this group or for all; None where there is none."""
    rows = ArchiveConsent.objects.filter(account=account, external_id=external_id, chat_id__in=[chat_id, ""])
    return rows.order_by("-at", "-pk").values_list("agreed", flat=True).first()
