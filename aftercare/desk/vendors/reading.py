"""What every reader of a vendor's messages needs: text that fits, and times that can be true."""

from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

from aftercare.desk.actions.locking import BODY_LIMIT
from aftercare.desk.models import Group
from aftercare.kernel.errors import Refused
from aftercare.notify.models import Account

# A vendor that was down tells late, and what is older than this is no time of a chat.
OLDEST = timedelta(days=5)


def fitting(text: object) -> str:
    """The text as it is kept; what is beyond the limit is cut, because words cut are better than words lost."""
    if not isinstance(text, str):
        raise Refused(_("The message has no text that can be read."))
    text = text.replace("\x00", "").strip()
    return text if len(text) <= BODY_LIMIT else text[: BODY_LIMIT - 1] + "…"


def time_of(milliseconds: object, *, now: datetime) -> datetime:
    """The vendor's time of a message; `now` where it names none that can be true."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return now
    try:
        at = datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return now
    return at if now - OLDEST <= at <= now else now


def group_of(account: Account, chat_id: object) -> Group | None:
    """The service group that this chat of the vendor's is."""
    if not isinstance(chat_id, str) or not chat_id:
        return None
    return Group.objects.select_related("account", "customer").filter(account=account, chat_id=chat_id[:200]).first()
