"""What waits for a commit: the readable part of one request, and the answer it will get."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from aftercare.ingest.keys import Key
from aftercare.ingest.points.block import Points
from aftercare.ingest.presence.notices import Told
from aftercare.ingest.reading import Refusal
from aftercare.ingest.reports import Report
from aftercare.ingest.samples import NO_FACTS, Facts, Sample

POINTS_PER_LINE = 10


@dataclass
class Result:
    """What became of a batch."""

    accepted: int = 0
    duplicates: int = 0
    warning: str = ""
    failed: str = ""  # the store could not: send it again
    refused: str = ""  # this cannot be stored: sending it again is no use


@dataclass(eq=False)
class Batch:
    """One request's good lines, and the future that its commit settles."""

    key: Key
    settled: asyncio.Future[Result]
    samples: list[Sample] = field(default_factory=list)
    hashes: list[int] = field(default_factory=list)
    """One per sample, or none at all: what makes it the same sample when it is sent again; 0 where nothing does."""
    reports: list[Report] = field(default_factory=list)
    points: Points | None = None
    notices: list[Told] = field(default_factory=list)
    given: Facts = NO_FACTS
    refusals: list[Refusal] = field(default_factory=list)
    source: str = "native"
    idempotency: int = 0
    opens_sessions: bool = True
    """Whether its samples are about sessions; else each stands by itself, as what a CDN served does."""
    passed_over: int = 0
    """Entries that are fine and hold nothing that this way in takes."""
    notes: Any = None
    """What its source wants to know again when it answers."""

    is_until_kept: bool = False
    """Whether its sender is answered without waiting for ever: it then stays queued until the store takes it."""

    @property
    def lines(self) -> int:
        """How many lines, and points, it holds."""
        return len(self.samples) + len(self.reports) + len(self.notices) + (self.points.count if self.points else 0)

    @property
    def cost(self) -> int:
        """What it takes of its key's quota, in lines: ten points cost what a line does."""
        points = self.points.count if self.points else 0
        return self.lines - points + -(-points // POINTS_PER_LINE) + len(self.refusals) + self.passed_over

    def take_key(self) -> None:
        """Make the samples of a resource's key that resource's own, with what is known of it."""
        if self.key.resource:
            self.given = self.key.facts
            for sample in self.samples:
                sample.session = f"{self.key.resource}/{sample.session}"

    def session_names(self) -> set[str]:
        """The sessions it tells of."""
        return {sample.session for sample in self.samples} | {report.session for report in self.reports}


def settle(answers: list[tuple[Batch, Result]]) -> None:
    """On the event loop: tell every waiting request of a commit what became of it."""
    for batch, result in answers:
        if not batch.settled.done():
            batch.settled.set_result(result)


@dataclass
class Fresh:
    """Of one batch, what was not stored before and does not stand earlier in the same commit."""

    samples: list[Sample] = field(default_factory=list)
    hashes: list[int] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)

    @property
    def lines(self) -> int:
        """How many lines it holds."""
        return len(self.samples) + len(self.reports)
