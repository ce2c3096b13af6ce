"""What the coverage found as lines of plain text, what is wrong first, in the language and zone of the moment."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aftercare.oncall.models import TrialState
from aftercare.oncall.queries.coverage import Coverage
from aftercare.oncall.queries.reachability import Reachability
from aftercare.oncall.roster.proof import Fault, Finding, Span

SPANS_NAMED = 5


def title_of(found: Coverage) -> str:
    """The sentence above all."""
    count = wrong_things(found)
    if not count:
        return _("On-call coverage: nothing is wrong for %(days)s days") % {"days": found.days}
    said = ngettext(
        "On-call coverage: %(n)s thing is wrong in the next %(days)s days",
        "On-call coverage: %(n)s things are wrong in the next %(days)s days",
        count,
    )
    return said % {"n": count, "days": found.days}


def wrong_things(found: Coverage) -> int:
    """How many paragraphs there are to say."""
    with_holes = [one for one in found.schedules if one.holes]
    lists: list[Sequence[object]] = [found.empty_steps, with_holes, found.unreachable, found.asked_too_much]
    return sum(map(len, lists)) + (1 if found.unheard else 0)


def lines_of(found: Coverage, reached: Reachability) -> list[str]:
    """All of it, a line each."""
    said = []
    if found.unheard:
        said.append(_("Nobody on any step of the policy: %(spans)s") % {"spans": spans_text(found.unheard)})
    said += [_("This step of the policy wakes nobody: %(name)s") % {"name": name} for name in found.empty_steps]
    for one in found.schedules:
        if one.holes:
            told = {"schedule": one.schedule.name, "spans": spans_text(one.holes)}
            said.append(_("Nobody on %(schedule)s: %(spans)s") % told)
    for customer, one in found.customers:
        told = {"customer": customer.display_name, "schedule": one.schedule.name}
        said.append(_("%(customer)s begins with %(schedule)s, which has these holes.") % told)
    said += [
        _("%(person)s has no confirmed contact method: only an open console page reaches them.") % {"person": user.name}
        for user in found.unreachable
    ]
    said += [overworked_line(user.name, findings) for user, findings in found.asked_too_much]
    if not said:
        said.append(_("Nothing is wrong for %(days)s days.") % {"days": found.days})
    return said + reached_lines(reached)


def overworked_line(person: str, findings: Sequence[Finding]) -> str:
    """One person who is asked for too much in one way: how much at worst, and when."""
    finding = max(findings, key=lambda one: (one.nights, one.held))
    told = {
        "person": person,
        "hours": f"{finding.held.total_seconds() / 3600:g}",
        "nights": finding.nights,
        "span": spans_text([(one.starts_at, one.ends_at) for one in findings]),
    }
    match finding.fault:
        case Fault.TOO_MANY_NIGHTS:
            return _("%(person)s is on call in %(nights)s of seven nights: %(span)s") % told
        case Fault.TOO_OFTEN:
            return _("%(person)s is on call for %(hours)s h within seven days: %(span)s") % told
        case _other:
            return _("%(person)s is on call for %(hours)s h without a break: %(span)s") % told


def reached_lines(reached: Reachability) -> list[str]:
    """Whether people are reached, as measured."""
    if not reached.measured:
        return []
    said = [reached_sentence(reached)]
    bad = [one for one in reached.calls if one.state in (TrialState.UNANSWERED, TrialState.FAILED)]
    return said + [f"{one.user.name}: {one.get_state_display()} ({one.channel_name or '–'})" for one in bad]


def reached_sentence(reached: Reachability) -> str:
    """How many of those who were called this month answered."""
    return _("Reachability is measured: %(answered)s of %(all)s answered their test call this month.") % {
        "answered": reached.answered,
        "all": reached.measured,
    }


def spans_text(spans: Iterable[Span]) -> str:
    """Times with their ends; of many the first and how many more."""
    told = [f"{moment(begins)} – {moment(ends)}" for begins, ends in spans]
    more = len(told) - SPANS_NAMED
    said = "; ".join(told[:SPANS_NAMED])
    return said if more <= 0 else said + " " + _("and %(n)s more") % {"n": more}


def moment(at: datetime) -> str:
    """By the reader's wall clock."""
    return date_format(timezone.localtime(at), "Y-m-d H:i")
