"""Writing down by hand that somebody outside agreed, or no longer agrees, that WeCom's archive keeps their words."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.desk.models import ArchiveConsent, ConsentHow
from aftercare.desk.vendors.consent import is_outside
from aftercare.kernel.errors import Refused
from aftercare.notify.models import Account

LONGEST = 200


@transaction.atomic
def record_consent(
    *, account: Account, external_id: str, chat_id: str, agreed: bool, at: datetime, actor: User, now: datetime
) -> ArchiveConsent:
    """Keep what a person outside answered a colleague at `at`; `chat_id` "" is for all of the account's chats.

    Raises Refused for an id that is nobody's outside, a time to come, and where a newer answer is known.
    """
    person = external_id.strip()[:LONGEST]
    if not is_outside(person):
        raise Refused(_("Write WeCom's id of the person outside: it begins with wm, wo or wb."))
    if at > now:
        raise Refused(_("This time has not come yet. Say when they answered."))
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)  # answers of one account one after the other
    known = ArchiveConsent.objects.filter(account=account, external_id=person, chat_id=chat_id).first()
    if known is not None and known.at > at:
        raise Refused(_("A newer answer of this person is known. Look at it below."))
    row, _is_new = ArchiveConsent.objects.update_or_create(
        account=account,
        external_id=person,
        chat_id=chat_id,
        defaults={"agreed": agreed, "how": ConsentHow.STAFF, "recorded_by": actor, "at": at},
    )
    audit.record(
        actor=actor,
        action="wecom.consent",
        subject=account.ref,
        customer_id=None,
        detail={"person": person, "chat": chat_id, "agreed": agreed, "at": at.isoformat()},
        now=now,
    )
    return row
