"""Which addresses a webhook may go to, in the words of this room."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aftercare.kernel import outbound
from aftercare.kernel.errors import Refused
from aftercare.kernel.outbound import AddressError, Target, Wrong

SENTENCES = {
    Wrong.NO_ADDRESS: gettext_noop("This is not a web address."),
    Wrong.SCHEME: gettext_noop("A webhook address begins with https:// or http://."),
    Wrong.CREDENTIALS: gettext_noop("A webhook address holds no user name and no password."),
    Wrong.NAME: gettext_noop("This host name cannot be resolved."),
    Wrong.PRIVATE: gettext_noop("The address leads into a private network; webhooks go to public addresses only."),
}


def parse(url: str) -> Target:
    """The target of a webhook address, not resolved yet (`pinned` is empty). Raises Refused with a sentence."""
    try:
        return outbound.parse(url)
    except AddressError as error:
        raise Refused(_(SENTENCES[error.wrong])) from None
