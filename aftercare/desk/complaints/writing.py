"""Complaints as a CSV, users by their hash as everywhere."""

import csv
from collections.abc import Iterator

from aftercare.desk.models import Complaint
from aftercare.kernel.cells import safe_cell


class Line:
    """What `csv.writer` writes to: gives the line back instead of keeping it."""

    def write(self, text: str) -> str:
        """The line."""
        return text


def csv_lines(rows: Iterator[Complaint]) -> Iterator[str]:
    """The file, line by line."""
    writer = csv.writer(Line())
    yield "\ufeff" + writer.writerow(["id", "time", "user_hash", "kind", "stream", "words"])
    for row in rows:
        texts = [safe_cell(text) for text in (row.user_hash, row.kind, row.stream, row.words)]
        yield writer.writerow([safe_cell(row.external_id), row.at.isoformat(), *texts])
