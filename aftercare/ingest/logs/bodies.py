"""A body of log lines: each read for itself, bad ones named by how they begin, without addresses and tokens."""

import re
from collections.abc import Iterator

from aftercare.ingest.batches import Batch
from aftercare.ingest.logs.fields import Names
from aftercare.ingest.logs.line import Line, read_line
from aftercare.ingest.reading import Refusal
from aftercare.kernel.errors import Refused

# Reading holds up everybody on the event loop: 2,000 lines with CMCD take about a tenth of a second.
MOST_LOG_LINES = 2_000
ADDRESS = re.compile(
    r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}|(?:[0-9a-f]{1,4}:){3,7}[0-9a-f:]{0,40}|[0-9a-f]{0,4}::[0-9a-f:]{0,40}",
    re.IGNORECASE,
)
# An argument of a query that is not CMCD's: a token, most often.
ARGUMENT = re.compile(r'([?&"](?!CMCD=)[\w.-]{1,64}=)[^&" ]*')


def lines_of(body: bytes, names: Names, batch: Batch) -> Iterator[tuple[int, str, Line]]:
    """The lines that can be read, with number and text; the others become the batch's refusals.

    Raises Refused for a body of too many lines or of none.
    """
    if body.count(b"\n") > MOST_LOG_LINES:
        raise Refused(f"the body has more than {MOST_LOG_LINES:,} lines; send smaller batches")
    texts = [text for text in body.decode("utf-8", "replace").split("\n") if text.strip()]
    if not texts:
        raise Refused("the body is empty")
    for number, text in enumerate(texts, 1):
        try:
            yield number, text, read_line(text, names)
        except Refused as refused:
            refuse(batch, number, refused, text)


def refuse(batch: Batch, number: int, refused: Refused, text: str) -> None:
    """Note a line that is not taken."""
    excerpt = ARGUMENT.sub(r"\1…", ADDRESS.sub("…", text[:800]))[:200]
    batch.refusals.append(Refusal(number, refused.sentence, excerpt))
