"""Edits that would leave a time uncovered which is covered now: said before they hold, or refused."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from aftercare.kernel.errors import Refused
from aftercare.oncall.models import OnHoles, Schedule
from aftercare.oncall.queries.settings import oncall_settings
from aftercare.oncall.queries.shifts import holes
from aftercare.oncall.roster.proof import Span, without

NAMED = 3


class OpensHoles(Refused):
    """An edit opens holes; whoever makes it may say that it is meant, unless the settings refuse it."""

    def __init__(self, sentence: str, schedule: Schedule, spans: Sequence[Span], *, may_be_meant: bool) -> None:
        super().__init__(sentence)
        self.schedule, self.spans, self.may_be_meant = schedule, spans, may_be_meant


class Watched:
    """The holes of a schedule before an edit, and the refusal after it. Both run in the edit's transaction, which the
    refusal rolls back.
    """

    def __init__(self, schedule: Schedule, now: datetime, *, accepts: bool) -> None:
        settings = oncall_settings(now)
        self.is_refused = settings.on_holes == OnHoles.REFUSE
        self.is_asked = self.is_refused or not accepts
        self.now, self.end = now, now + timedelta(days=settings.ahead_days)
        self.before = self.holes_of(schedule) if self.is_asked else []

    def holes_of(self, schedule: Schedule) -> list[Span]:
        """When nobody holds it."""
        return [(one.starts_at, one.ends_at) for one in holes(schedule, self.now, self.end)]

    def check(self, schedule: Schedule) -> None:
        """Raise OpensHoles where the schedule as it is by now has a hole that it had not."""
        opened = without(self.holes_of(schedule), self.before) if self.is_asked else []
        if opened:
            raise OpensHoles(
                sentence_of(schedule, opened, self.is_refused), schedule, opened, may_be_meant=not self.is_refused
            )


def sentence_of(schedule: Schedule, spans: Sequence[Span], is_refused: bool) -> str:
    """What the edit would leave open, in the reader's zone."""
    named = [
        f"{date_format(timezone.localtime(begins), 'Y-m-d H:i')} – {date_format(timezone.localtime(ends), 'Y-m-d H:i')}"
        for begins, ends in spans[:NAMED]
    ]
    said = _("This would leave %(schedule)s with nobody in %(n)s times that are covered now: %(spans)s.") % {
        "schedule": schedule.name,
        "n": len(spans),
        "spans": ", ".join([*named, *(["…"] if len(spans) > NAMED else [])]),
    }
    if is_refused:
        return said + " " + _("The settings of the on-call refuse that.")
    return said + " " + _("Say that it is meant, or let somebody hold then.")
