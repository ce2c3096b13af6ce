"""SMS and calls, by whichever vendor the account is with."""

from aftercare.notify.adapters.calling import Undelivered
from aftercare.notify.adapters.phones import aliyun, tencent, twilio
from aftercare.notify.adapters.vendors.speaking import account_of
from aftercare.notify.envelope import Envelope
from aftercare.notify.models import Vendor
from aftercare.notify.outcome import Outcome

SENDERS = {Vendor.ALIYUN: aliyun.send, Vendor.TENCENT: tencent.send, Vendor.TWILIO: twilio.send}


def send(envelope: Envelope) -> Outcome:
    """Write or call. Never raises."""
    try:
        return SENDERS[Vendor(account_of(envelope).vendor)](envelope)
    except Undelivered as undelivered:
        return undelivered.outcome
