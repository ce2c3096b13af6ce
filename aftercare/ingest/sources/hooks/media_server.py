"""What the hooks of media servers have in common: their answer decides whether an anchor may go on air."""

from aftercare.ingest.batches import Batch, Result
from aftercare.ingest.presence.notices import SILENT_PLAY_MS, SILENT_PUSH_MS
from aftercare.ingest.sources.source import JsonAnswers, Reply

# SRS reads the body and takes only 0 for yes; the others read the status.
YES = Reply(200, b"0", ((b"content-type", b"text/plain"),))
# Reasons of ours not to keep an event. They are no reason to keep an anchor off the air: docs/decisions/0008.
OUR_TROUBLE = frozenset((408, 410, 429, 500, 503))
GRACE_MS = 30_000
"""Hooks of one connection race each other, and are sent again by proxies, within seconds."""
PUBLISHER, AUDIENCE = "publisher", "audience"


class MediaServer(JsonAnswers):
    """A way in whose sender asks for leave: yes, soon, unless what it says is no event at all or its key unknown.

    What follows the key in the address names the server, for those that do not say it themselves.
    """

    largest = 1 << 20
    takes_rest = True
    may_be_empty = True
    patience_s = 1.0

    def answer(self, batch: Batch, result: Result) -> Reply:
        """Yes."""
        return YES

    def refuse(self, status: int, sentence: str, asked_headers: dict[bytes, bytes]) -> Reply:
        """Yes, where the trouble is only ours."""
        return YES if status in OUR_TROUBLE else super().refuse(status, sentence, asked_headers)


def silent_ms(*, is_push: bool) -> int:
    """How long a session may be silent."""
    return SILENT_PUSH_MS if is_push else SILENT_PLAY_MS
