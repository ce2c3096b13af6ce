"""CMCD version 2, event mode (CTA-5004-B): players post one report per line to `/v1/cmcd/<key>`."""

from aftercare.ingest.batches import Batch, Result
from aftercare.ingest.cmcd import parse
from aftercare.ingest.facts import filled, given_facts, merged
from aftercare.ingest.reading import LONGEST_LINE, Refusal, require_few_lines, time_refusal
from aftercare.ingest.reports import Report, checked
from aftercare.ingest.sources.source import Asked, JsonAnswers, Reply
from aftercare.kernel.errors import Refused


class CmcdEvents(JsonAnswers):
    """What hls.js, dash.js and Shaka send by configuration alone."""

    name = "cmcd"
    path = "/v1/cmcd"

    def read(self, asked: Asked, batch: Batch) -> None:
        """The reports of the body's lines. Raises Refused."""
        require_few_lines(asked.body.count(b"\n"))
        lines = [line for line in asked.body.decode("utf-8", "replace").split("\n") if line.strip()]
        for number, line in enumerate(lines, 1):
            try:
                batch.reports.append(read_line(line, asked.now_ms))
            except Refused as refused:
                batch.refusals.append(Refusal(number, refused.sentence, line[:200]))
        key = asked.key
        batch.given = given_facts(asked.query, asked.headers.get(b"user-agent", b""))
        if key.resource:
            batch.given = merged(batch.given, key.facts)
            for report in batch.reports:
                report.session = f"{key.resource}/{report.session}"
        elif not asked.places.is_empty and not batch.given.country:
            batch.given = filled(batch.given, asked.place())

    def answer(self, batch: Batch, result: Result) -> Reply:
        """204 when every line was taken: players read no body."""
        if not batch.refusals and not result.warning:
            return Reply(204)
        return super().answer(batch, result)


def read_line(line: str, now_ms: int) -> Report:
    """One CMCD line as a checked report. Raises Refused."""
    if len(line) > LONGEST_LINE:
        raise Refused(f"this line is over {LONGEST_LINE >> 10} KiB")
    report = checked(parse(line))
    why = time_refusal(report.ts, now_ms)
    if why:
        raise Refused(why)
    return report
