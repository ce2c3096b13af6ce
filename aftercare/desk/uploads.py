"""Files that people send before their message: how many at once, and how much may lie unsent."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Sum
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.desk.access import unsent_files_of
from aftercare.desk.files import keep_file
from aftercare.desk.models import Attachment, Message
from aftercare.kernel.errors import Refused

MOST_AT_ONCE = 10
UNSENT_BYTES = 250 * 1024 * 1024  # of one person; the engine forgets them after a day


def keep_uploads(*, sent: "Sequence[UploadedFile[Any]]", user: User, now: datetime) -> list[Attachment]:
    """These files, kept. Raises Refused when there are too many, or too much lies unsent."""
    refuse_too_many(sent)
    if not sent:
        return []
    lying = Attachment.objects.filter(uploaded_by=user, message=None, refused="").aggregate(bytes=Sum("size"))["bytes"]
    if (lying or 0) + sum(file.size or 0 for file in sent) > UNSENT_BYTES:
        raise Refused(_("You have uploaded a lot that was not sent yet. Send those files, or remove them, then go on."))
    return [keep_file(name=file.name or "", stream=file, uploaded_by=user, now=now) for file in sent]  # type: ignore[arg-type]


def refuse_too_many(files: Sequence[object]) -> None:
    """Raise Refused for more files than one message takes."""
    if len(files) > MOST_AT_ONCE:
        raise Refused(_("Send at most %(n)s files at once.") % {"n": MOST_AT_ONCE})


def uploads_named(user: User, refs: Sequence[str], *, message_id: str | None = None) -> list[Attachment]:
    """The caller's unsent uploads with these refs, in the order of uploading.

    Empty where a message with the sender's own id `message_id` is here already: they went with it. Raises Refused for a
    ref that is none.
    """
    refuse_too_many(refs)
    if message_id and Message.objects.filter(account=None, provider_message_id=message_id).exists():
        return []
    found = list(unsent_files_of(user, refs))
    if len(found) != len(set(refs)):
        raise Refused(_("One of these files is not an upload of yours that waits to be sent. Upload it, then send."))
    return found
