"""Vendors' text as it is kept."""

from django.utils.translation import gettext as _

from aftercare.desk.actions.locking import BODY_LIMIT
from aftercare.kernel.errors import Refused


def fitting(text: object) -> str:
    """The text of a message without what is no text of people's. Raises Refused where it is none."""
    if not isinstance(text, str):
        raise Refused(_("The message has no text that can be read."))
    return within(text.replace("\x00", "").strip())


def within(text: str) -> str:
    """The text as we keep it: nothing is lost without a word about it."""
    if len(text) <= BODY_LIMIT:
        return text
    note = "\n… " + _("(cut: the whole text is in the group)")
    return text[: BODY_LIMIT - len(note)] + note
