"""Working on what call centres and defect trackers sent: by the use of their account."""

from datetime import datetime

from django.utils.translation import gettext as _

from aftercare.desk.accounts import CALLS, TRACKER
from aftercare.desk.actions.phone import read_call
from aftercare.desk.actions.trackers import read_defect
from aftercare.desk.models import Inbound, Message
from aftercare.kernel.errors import Refused


def read_webhook(row: Inbound, now: datetime) -> Message | None:
    """Hand the row to whoever reads its account's use. Raises Refused where nobody does."""
    use = row.account.config.get("use")
    if use == CALLS:
        return read_call(row, now)
    if use == TRACKER:
        return read_defect(row, now)
    raise Refused(_("Nothing reads this account's webhooks."))
