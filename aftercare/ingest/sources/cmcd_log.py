"""CMCD versions 1 and 2, request mode: access logs of the servers that players fetch from, to `/v1/cmcd-log`."""

from aftercare.ingest.batches import Batch, Result
from aftercare.ingest.facts import given_facts, merged
from aftercare.ingest.logs.bodies import lines_of, refuse
from aftercare.ingest.logs.fields import Names, names_asked
from aftercare.ingest.logs.requests import keys_of, report_of
from aftercare.ingest.seen import hash64
from aftercare.ingest.sources.native import batch_name
from aftercare.ingest.sources.source import Asked, JsonAnswers, Reply
from aftercare.kernel.errors import Refused


class CmcdLog(JsonAnswers):
    """Lines of nginx's access log, as JSON or in `combined` format; those without CMCD are passed over."""

    name = "cmcd-log"
    path = "/v1/cmcd-log"

    def read(self, asked: Asked, batch: Batch) -> None:
        """The reports of the body's lines. Raises Refused."""
        _, names = names_asked(asked.query)
        read_reports(asked, names, batch)
        name_batch(asked, batch)

    def answer(self, batch: Batch, result: Result) -> Reply:
        """How much was kept, how much is no CMCD, and the first line that was not taken."""
        return self.told({"not_cmcd": batch.passed_over}, batch, result)


def read_reports(asked: Asked, names: Names, batch: Batch) -> None:
    """Put the reports of the lines that carry CMCD into the batch. Raises Refused."""
    for number, text, line in lines_of(asked.body, names, batch):
        try:
            keys = keys_of(line)
            if keys:
                batch.reports.append(report_of(line, keys, text, asked.places, asked.now_ms))
            else:
                batch.passed_over += 1
        except Refused as refused:
            refuse(batch, number, refused, text)
    finish_reports(asked, batch)


def finish_reports(asked: Asked, batch: Batch) -> None:
    """What holds for all reports of a body: the facts of its address and its key."""
    key = asked.key
    batch.given = given_facts(asked.query, b"")
    if key.resource:
        batch.given = merged(batch.given, key.facts)
        for report in batch.reports:
            report.session = f"{key.resource}/{report.session}"


def name_batch(asked: Asked, batch: Batch) -> None:
    """The batch's own name, by which it counts once."""
    name = asked.header(b"idempotency-key") or batch_name(asked.query)
    batch.idempotency = hash64(f"{asked.key.app}\n{asked.key.resource}\n{name}") if name else 0
