"""Hidden risks in sentences, in the reader's language."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from aftercare.accounts.models import User
from aftercare.watch.models import DeedKind, Risk, RiskDeed, RiskKind, RiskOutcome, RiskRule, RiskSource, RiskState
from aftercare.watch.words import name_of
from aftercare.web.render.numbers import number, with_unit

TONES = {RiskOutcome.PREVENTED: "resolved", RiskOutcome.HAPPENED: "breached"}


def whose(owned: Risk | RiskRule) -> str:
    """The customer, with the app where it is one app's; the provider's own as such."""
    if owned.customer is None:
        if isinstance(owned, RiskRule) and owned.source in (RiskSource.PROBES, RiskSource.SDK):
            return _("Every customer")
        return _("Our own")
    names = [owned.customer.display_name, *([owned.app.display_name] if owned.app else [])]
    return " · ".join(names)


def kind_word(kind: str) -> str:
    """What runs out."""
    return str(RiskKind(kind).label) if kind in RiskKind.values else kind


def tone(risk: Risk) -> str:
    """The design system's state of a risk."""
    if not risk.is_open:
        return "resolved" if risk.happened_at is None else "neutral"
    return "breached" if risk.happened_at or risk.severity == "red" else "warning"


def state_word(risk: Risk) -> str:
    """Where it stands: closed says how."""
    if not risk.is_open:
        return _("closed: %(why)s") % {"why": risk.get_closing_display()}
    return str(RiskState(risk.state).label)


def day_words(at: datetime | date) -> str:
    """A day as stored texts have it: `2027-01-31`."""
    return (at.astimezone(UTC).date() if isinstance(at, datetime) else at).isoformat()


def lead_words(leads: list[int]) -> str:
    """`30, 14 and 7 days`."""
    if len(leads) == 1:
        return ngettext("%(n)d day", "%(n)d days", leads[0]) % {"n": leads[0]}
    return _("%(most)s and %(last)d days") % {
        "most": pgettext("between numbers", ", ").join(str(lead) for lead in leads[:-1]),
        "last": leads[-1],
    }


def alert_words(risk: Risk) -> str:
    """What is about to run out, in one sentence without a time that passes."""
    said = {"kind": kind_word(risk.kind), "subject": risk.subject, "day": day_words(risk.runs_out_at)}
    if risk.happened_at is not None:
        return _("%(kind)s has run out: %(subject)s, on %(day)s") % said
    if risk.rule.is_forecast:
        return _("%(kind)s will run out: %(subject)s, about %(day)s") % said
    return _("%(kind)s runs out: %(subject)s, on %(day)s") % said


def figure(value: float, unit: str) -> str:
    """A figure in the unit that it was told in."""
    return with_unit(number(value), unit) if unit else number(value)


def evidence(risk: Risk) -> str:
    """What was measured, in one or two sentences."""
    return evidence_of(risk.measured, risk)


def evidence_of(measured: dict[str, Any], risk: Risk | None = None) -> str:
    """The figures of a look in words."""
    if "version" in measured:
        values = {"still": number(measured["sessions"]), "all": number(measured["of_sessions"])}
        said = _("%(still)s of %(all)s sessions in the last 7 days ran %(version)s.")
        return said % {**values, "version": measured["version"]}
    if "level" not in measured:
        if "probe" in measured:
            return _("The date that a probe read from it.")
        return _("The date that was set by hand.") if risk is not None else ""
    unit = measured.get("unit", "")
    values = {name: figure(measured[name], unit) for name in ("level", "limit")}
    if not measured["days"] or (risk is not None and risk.happened_at):
        return _("%(level)s, limit %(limit)s: it is reached.") % values
    what = f"{name_of(measured['metric'])}: " if measured.get("metric") else ""
    values |= {name: signed(measured[name], unit) for name in ("slope", "slope_low", "slope_high")}
    said = _(
        "%(level)s in the last 24 hours, limit %(limit)s. It moves by %(slope)s a day (90%%: %(slope_low)s to "
        "%(slope_high)s), over %(days)d days."
    )
    return what + said % {**values, "days": measured["days"]}


def signed(value: float, unit: str) -> str:
    """A change with its sign."""
    return ("+" if value > 0 else "") + figure(value, unit)


def range_words(risk: Risk) -> str:
    """Between when and when a forecast lies; "" of a date."""
    if not risk.rule.is_forecast or risk.happened_at is not None:
        return ""
    first = day_words(risk.earliest_at or risk.runs_out_at)
    if risk.latest_at is not None and day_words(risk.latest_at) == first:
        return ""
    if risk.latest_at is None:
        return _("%(first)s at the earliest, perhaps never") % {"first": first}
    return _("between %(first)s and %(last)s") % {"first": first, "last": day_words(risk.latest_at)}


def rule_words(rule: RiskRule) -> str:
    """What a rule looks at."""
    if rule.source == RiskSource.PROBES:
        return str(RiskSource.PROBES.label)
    if rule.expires_on is not None:
        day = day_words(rule.expires_on)
        if rule.source == RiskSource.SDK:
            return _("Sessions that run %(version)s; its end is %(day)s") % {"version": rule.sdk_version, "day": day}
        return _("Runs out on %(day)s") % {"day": day}
    what = name_of(rule.metric) if rule.metric else _("Figures set by hand")
    limit = figure(rule.limit or 0.0, rule.unit)
    falls = _("%(what)s, down to %(limit)s") if rule.falls else _("%(what)s, up to %(limit)s")
    return falls % {"what": what, "limit": limit}


WHY_AGAIN = {
    "still_found": lambda: _("it is still found: that closing counts as nothing"),
    "came_back": lambda: _("it came back"),
    "acceptance_ended": lambda: _("the time for which it was accepted is over"),
    "by_hand": lambda: _("by hand"),
}


def deed_words(deed: RiskDeed, reader: User) -> str:
    """One line of the history, beyond what its kind says; to a customer's people the provider's have no names."""
    detail = deed.detail
    runs_out = parse_datetime(detail["runs_out_at"]) if detail.get("runs_out_at") else None
    day = day_words(runs_out) if runs_out else ""
    if deed.kind == DeedKind.RAN_OUT and deed.undone_at is not None:
        return _("%(day)s; it was not true, and does not count") % {"day": day}
    if deed.kind in (DeedKind.FOUND, DeedKind.WORSE):
        said = _("runs out on %(day)s, within the lead time of %(lead)d days")
        return said % {"day": day, "lead": detail.get("lead_days", 0)}
    if deed.kind == DeedKind.REOPENED:
        return WHY_AGAIN.get(detail.get("why", ""), lambda: "")()
    if deed.kind == DeedKind.TAKEN:
        due = parse_datetime(detail["due_at"]) if detail.get("due_at") else None
        is_hidden = detail.get("of_provider") and not reader.is_provider
        owner = _("The provider") if is_hidden else detail.get("owner") or _("nobody")
        return _("%(owner)s, by %(day)s") % {"owner": owner, "day": day_words(due) if due else ""}
    if deed.kind == DeedKind.CLOSED:
        return closing_words(deed, day)
    return day


def closing_words(deed: RiskDeed, day: str) -> str:
    """How it was closed, and what that counts as."""
    parts = [deed.get_closing_display()]
    if deed.detail.get("until"):
        parts.append(_("until %(day)s") % {"day": deed.detail["until"]})
    if day:
        parts.append(_("now runs out on %(day)s") % {"day": day})
    if deed.undone_at is not None:
        parts.append(_("was still found, counts as nothing"))
    elif deed.outcome:
        counted = str(RiskOutcome(deed.outcome).label)
        parts.append(counted if deed.confirmed_at else _("%(outcome)s, once a look confirms it") % {"outcome": counted})
    return " · ".join(parts)


@dataclass(frozen=True)
class Seen:
    """What the last look of a rule said of one cause."""

    subject: str
    runs_out_at: datetime | None
    evidence: str


def seen_of(rule: RiskRule) -> list[Seen]:
    """What the last look said, the nearest first; what does not run out within a year is last."""
    rows = [
        Seen(
            one["subject"],
            parse_datetime(one["runs_out_at"]) if one["runs_out_at"] else None,
            evidence_of(one["measured"]),
        )
        for one in rule.seen.values()
    ]
    return sorted(rows, key=lambda row: (row.runs_out_at is None, row.runs_out_at or datetime.min.replace(tzinfo=UTC)))
