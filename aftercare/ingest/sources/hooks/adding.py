"""Putting a notice into a batch: among its key's own things, at a time that can be kept."""

import msgspec

from aftercare.ingest.batches import Batch
from aftercare.ingest.presence.notices import Notice, of_resource, told
from aftercare.ingest.reading import OLDEST_MS, time_refusal
from aftercare.ingest.samples import Facts
from aftercare.ingest.sources.source import Asked
from aftercare.kernel.errors import Refused


def add(asked: Asked, batch: Batch, notice: Notice, facts: Facts, identity: str = "") -> None:
    """Add a notice; `identity` is what makes it the same one again, where its sender says so.

    Raises Refused for one that happened at a time that is not taken. A begin that lies too far back is left unknown.
    """
    why = time_refusal(notice.at, asked.now_ms)
    if why:
        raise Refused(why)
    thing = of_resource(asked.key, notice.thing)
    begin = notice.begin if asked.now_ms - OLDEST_MS <= notice.begin <= notice.at else 0
    batch.notices.append(told(msgspec.structs.replace(notice, thing=thing, begin=begin), facts, identity))
