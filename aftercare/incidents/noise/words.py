"""What silences, rules and waiting alerts say of themselves, in the language that is active."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from aftercare.accounts.models import App, Customer
from aftercare.incidents.models import HeldBack, HeldFor
from aftercare.incidents.noise.matching import OWN, Match
from aftercare.watch.models import AlertSource, Heartbeat, Monitor, Risk
from aftercare.watch.words import name_of, question


def match_facts(match: Match) -> list[tuple[str, str]]:
    """The filled parts of a match as names and values to read, the most telling first."""
    metric = match.metric if match.metric.endswith("*") else name_of(match.metric) if match.metric else ""
    facts = [
        (_("Says it"), origin_words(match.origin)),
        (_("Customer"), customer_words(match.customer)),
        (_("App"), app_words(match.app)),
        (_("Metric"), metric),
        (_("Title"), match.title),
        (_("Labels"), ", ".join(f"{name}={value}" for name, value in match.labels.items())),
    ]
    return [(name, value) for name, value in facts if value]


def match_line(match: Match) -> str:
    """The same in one line."""
    return " · ".join(value for _name, value in match_facts(match))


def customer_words(ref: str) -> str:
    """A customer by its name, the provider's own systems by what they are; the ref of one that is gone."""
    if ref == OWN:
        return _("our own systems")
    found = Customer.objects.filter(ref=ref).first() if ref else None
    return str(found) if found else ref


def app_words(ref: str) -> str:
    """An app by its name."""
    found = App.objects.filter(ref=ref).first() if ref else None
    return str(found) if found else ref


def origin_words(origin: str) -> str:
    """What says it, by its name; as it is kept where that is gone."""
    kind, _colon, ref = origin.partition(":")
    match kind:
        case "monitor":
            rule = Monitor.objects.select_related("app", "customer").filter(ref=ref).first()
            return f"{question(rule)} · {rule.place}" if rule else origin
        case "source":
            source = AlertSource.objects.filter(ref=ref).first()
            return source.name if source else origin
        case "heartbeat":
            heartbeat = Heartbeat.objects.filter(ref=ref).first()
            return heartbeat.name if heartbeat else origin
        case "risk":
            risk = Risk.objects.filter(ref=ref).first()
            return risk.subject if risk else origin
    return origin


def why_words(row: HeldBack) -> str:
    """Why nobody was called for an alert when it opened."""
    if row.reason == HeldFor.SILENCE and row.silence is not None:
        return _("Silenced by %(name)s: “%(reason)s”") % {
            "name": row.silence.made_by.name,
            "reason": row.silence.reason,
        }
    if row.reason == HeldFor.INHIBITED and row.rule is not None:
        return _("Another alert stands for it, by the rule “%(rule)s”") % {"rule": row.rule.name}
    if row.reason == HeldFor.MAINTENANCE and row.change is not None:
        return _("Maintenance expects it: %(title)s") % {"title": row.change.display_title}
    return _("It goes on and off: its incident called already and counts it")


def outcome_words(row: HeldBack) -> str:
    """What became of it."""
    if row.outcome:
        return str(row.get_outcome_display())
    return pgettext("held", "waits")
