"""Real-time logs of CDNs to `/v1/cdn-log`: what was served to whom, beside the sessions and not as sessions."""

from aftercare.ingest.batches import Batch
from aftercare.ingest.logs.bodies import lines_of, refuse
from aftercare.ingest.logs.fields import names_asked
from aftercare.ingest.logs.requests import keys_of, report_of
from aftercare.ingest.logs.served import sample_of
from aftercare.ingest.seen import hash64
from aftercare.ingest.sources.cmcd_log import finish_reports, name_batch
from aftercare.ingest.sources.source import Asked, JsonAnswers
from aftercare.kernel.errors import Refused

CDN_NAMES = {"aliyun": "aliyun", "tencent": "tencent"}


class CdnLog(JsonAnswers):
    """Lines of JSON as Aliyun and Tencent push them, or of any CDN by `map` in the address.

    A line that carries CMCD tells of a session too: it becomes two rows.
    """

    name = "cdn-log"
    path = "/v1/cdn-log"

    def read(self, asked: Asked, batch: Batch) -> None:
        """What the body's lines tell. Raises Refused."""
        vendor, names = names_asked(asked.query)
        batch.opens_sessions = False
        key, cdn = asked.key, CDN_NAMES.get(vendor, "")
        for number, text, line in lines_of(asked.body, names, batch):
            try:
                sample = sample_of(line, key, asked.places, cdn=cdn, now_ms=asked.now_ms)
                keys = keys_of(line)
                if keys:
                    batch.reports.append(report_of(line, keys, text, asked.places, asked.now_ms))
            except Refused as refused:
                refuse(batch, number, refused, text)
                continue
            if key.resource:
                sample.session = f"{key.resource}/{sample.session}"
            batch.samples.append(sample)
            batch.hashes.append(hash64(f"served\n{line.id or text}") or 1)
        finish_reports(asked, batch)
        name_batch(asked, batch)
