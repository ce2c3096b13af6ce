"""Files of a vendor's chat: the words are shown at once, the bytes are fetched after and tried again.

The reader of a message calls `announce`, which makes an Attachment that says "is being fetched" and takes in a second
row of the same account, kind FILE. The engine hands that one to the same reader, which calls `fetch`.
"""

import hashlib
import os
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_noop as _

from aftercare.desk.inward import take_in
from aftercare.desk.models import Attachment, Inbound, Message

FILE = "file"
MOST_BYTES = 20_000_000
FETCHING = _("The file is being fetched from the vendor.")
TOO_LARGE = _("The file is larger than 20 MB and was not fetched.")
LOST = _("The vendor does not hand the file out. Ask for it again.")
MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
)
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
        name=safe_name(name),
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
    file.sha256, file.size, file.media_type, file.refused = keep(data), len(data), media_type_of(data), ""
    file.save(update_fields=["sha256", "size", "media_type", "refused"])


def keep(data: bytes) -> str:
    """Write the bytes under their SHA-256, whole or not at all; returns it in hex."""
    digest = hashlib.sha256(data).hexdigest()
    place = path_of(digest)
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = place.with_name(f"{digest}.{os.getpid()}.part")
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(place)
    return digest


def path_of(digest: str) -> Path:
    """Where the bytes of this SHA-256 lie."""
    return Path(settings.DATA_DIR) / "files" / digest[:2] / digest


def media_type_of(data: bytes) -> str:
    """The type by the first bytes; anything unknown is only bytes."""
    return next((kind for magic, kind in MAGIC if data.startswith(magic)), "application/octet-stream")


def safe_name(name: object) -> str:
    """A file's name without a path and without what is not shown."""
    text = re.sub(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "", name if isinstance(name, str) else "")
    return (text.replace("\\", "/").rpartition("/")[2].strip() or "file")[:200]
