"""What this room's tests share."""

from aftercare.notify.tests.homeserver import homeserver
from aftercare.notify.tests.mailbox import mailbox
from aftercare.notify.tests.receiver import receiver
from aftercare.notify.tests.wecom import wecom

__all__ = ["homeserver", "mailbox", "receiver", "wecom"]
