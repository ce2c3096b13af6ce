"""Files of a vendor's chat: the words are shown at once, the bytes are fetched after and tried again.

The reader of a message calls `announce`, which makes an Attachment that says "is being fetched" and takes in a second
row of the same account, kind FILE. The engine hands that one to the same reader, which calls `fetch`.
"""

import io
from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext_noop as _

from aftercare.desk.file_types import clean_name
from aftercare.desk.files import fill_file
from aftercare.desk.inward import take_in
from aftercare.desk.models import Attachment, Inbound, Message
from aftercare.kernel.errors import Refused

FILE = "file"
MOST_BYTES = 20_000_000
FETCHING = _("The file is being fetched from the vendor.")
TOO_LARGE = _("The file is larger than 20 MB and was not fetched.")
LOST = _("The vendor does not hand the file out. Ask for it again.")
LAST_ATTEMPT = 7  # the engine gives a row up after eight


def announce(
    row: Inbound,
    message: Message,
    *,
    source: dict[str, object],
    name: object,
    size: object,
    number: int = 0,
    now: datetime,
) -> Attachment:
    """The place of a file in a message; its bytes come later. `source` is what `fetch`'s `get` needs."""
    told = size if isinstance(size, int) and not isinstance(size, bool) and 0 <= size < 2**62 else 0
    is_too_large = told > MOST_BYTES
    file = Attachment.objects.create(
        message=message,
        contact=message.contact,
        name=name_of(name),
        media_type="application/octet-stream",
        size=told,
        refused=TOO_LARGE if is_too_large else FETCHING,
        created_at=now,
    )
    if not is_too_large:
        take_in(
            account=row.account,
            provider_message_id=f"{FILE}:{number}:{row.provider_message_id}",
            kind=FILE,
            payload={"attachment": file.pk, "source": source},
            now=now,
        )
    return file


def fetch(row: Inbound, get: Callable[[dict[str, object]], bytes]) -> None:
    """Fetch one announced file. An error of the vendor's is tried again; at last the attachment says so."""
    file = Attachment.objects.filter(pk=int(row.payload["attachment"]), message__account=row.account).first()
    if file is None or file.sha256:
        return
    try:
        data = get(row.payload["source"])
    except Exception as error:
        if row.attempts < LAST_ATTEMPT and not isinstance(error, ValueError):
            raise
        file.refused = LOST
        file.save(update_fields=["refused"])
        return
    if len(data) > MOST_BYTES:
        file.refused = TOO_LARGE
        file.save(update_fields=["refused"])
        return
    try:
        fill_file(row=file, stream=io.BytesIO(data))
    except Refused as no_room:
        raise OSError(no_room.sentence) from None  # there may be room later


def name_of(name: object) -> str:
    """A file's name as it is kept, whatever the vendor sends for one."""
    return clean_name(name if isinstance(name, str) else "")
