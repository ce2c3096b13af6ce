"""Sentences that incidents write by themselves, in the language that is active or in both."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aftercare.accounts.models import Customer, User
from aftercare.accounts.models.customer import in_readers_language
from aftercare.desk.evidence import shown, shown_volume
from aftercare.incidents.evidence import definition_of, in_unit
from aftercare.incidents.models import EndReason, Incident, Status
from aftercare.telemetry.schema.measured import measurement_of
from aftercare.watch.models import Alert
from aftercare.watch.words import place_of, usual_words

LONGEST_TOLD = 170  # leaves room in a title for how many more there are


def alert_sentence(alert: Alert) -> str:
    """What the alert says: "Stall rate of Starlight Live is 7.9% (limit 5%), in Carrier = CMCC"; one from elsewhere in
    its own words.
    """
    if not alert.is_measured:
        return alert.display_title
    place = place_of(alert)
    return _("%(sentence)s, in %(place)s") % {"sentence": measured(alert), "place": place} if place else measured(alert)


def measured(alert: Alert) -> str:
    """The figures that an alert opened with, and what they were held against."""
    definition = definition_of(alert)
    if alert.first_value is None:
        return _("Nothing is reported for %(metric)s of %(app)s") % {
            "metric": in_readers_language(definition["name"], definition["name_zh"]),
            "app": scope_of(alert),
        }
    values = {
        "metric": in_readers_language(definition["name"], definition["name_zh"]),
        "app": scope_of(alert),
        "value": shown(in_unit(alert, alert.first_value), definition["unit"]),
        "limit": shown(in_unit(alert, alert.threshold), definition["unit"]),
    }
    usual = usual_words(alert, alert.customer.timezone if alert.customer else "")
    if usual:
        values |= {"usual": usual, "volume": shown_volume(alert.volume or 0, definition["volume_name"])}
        return _("%(metric)s of %(app)s is %(value)s, %(usual)s; %(volume)s") % values
    return _("%(metric)s of %(app)s is %(value)s (limit %(limit)s)") % values


def alerts_sentence(alerts: Sequence[Alert]) -> str:
    """What several alerts say that came at once, the worst of them first and in full."""
    sentence, more = alert_sentence(alerts[0]), len(alerts) - 1
    if not more:
        return sentence
    told = ngettext("%(sentence)s, and %(n)s more alert", "%(sentence)s, and %(n)s more alerts", more)
    return told % {"sentence": sentence[:LONGEST_TOLD], "n": more}


def recovery_sentence(alert: Alert) -> str:
    """What is over: "Stall rate of Starlight Live (limit 5%), at worst 11%"."""
    if not alert.is_measured:
        return alert.display_title
    definition = definition_of(alert)
    return _("%(metric)s of %(app)s (limit %(limit)s), at worst %(worst)s") % {
        "metric": in_readers_language(definition["name"], definition["name_zh"]),
        "app": scope_of(alert),
        "limit": shown(in_unit(alert, alert.threshold), definition["unit"]),
        "worst": shown(in_unit(alert, alert.worst_value), definition["unit"]),
    }


def opening_words(alerts: Sequence[Alert], customer: Customer) -> str:
    """The first message of the ticket that opens by itself."""
    values = {"at": local(alerts[0].opened_at, customer), "sentence": alerts_sentence(alerts)}
    if not alerts[0].is_measured:
        sentence = _(
            "Monitoring reported this at %(at)s, before you had to tell us: %(sentence)s. "
            "The engineer on duty is being called. What the alert says is shown beside this conversation. "
            "Reply here to reach the people who work on it."
        )
        return sentence % values
    sentence = _(
        "Our monitoring saw this at %(at)s, before you had to tell us: %(sentence)s. "
        "The engineer on duty is being called. What was measured is shown beside this conversation "
        "and fills in by itself. Reply here to reach the people who work on it."
    )
    located = compared(alerts[0])
    return sentence % values + (f" {located}" if located else "")


def compared(alert: Alert) -> str:
    """What was measured over the node that explains it and over the rest, naming neither; "" where nobody knows."""
    inside, outside = alert.located.get("inside"), alert.located.get("outside")
    if not inside or not outside:
        return ""
    unit = definition_of(alert)["unit"]
    return _("Over one part of our network it is %(inside)s, over the rest %(outside)s.") % {
        "inside": shown(in_unit(alert, inside["value"]), unit),
        "outside": shown(in_unit(alert, outside["value"]), unit),
    }


def joining_words(alerts: Sequence[Alert], customer: Customer) -> str:
    """What a ticket is told when one more measure crosses its limit, or more alerts come from elsewhere."""
    values = {"at": local(alerts[0].opened_at, customer), "sentence": alerts_sentence(alerts)}
    if not alerts[0].is_measured:
        sentence = _(
            "This came besides at %(at)s: %(sentence)s. It is handled together with this; "
            "the incident's page shows all of it."
        )
        return sentence % values
    return _("One more measure crossed its limit at %(at)s: %(sentence)s. It is handled together with this.") % values


def acknowledged_words(customer: Customer, now: datetime) -> str:
    """What a ticket is told when an engineer has taken the incident."""
    return _("An engineer took this at %(at)s and is working on it.") % {"at": local(now, customer)}


def raised_words(alert: Alert, customer: Customer, now: datetime) -> str:
    """What a ticket is told when its incident has become worse."""
    values = {"at": local(now, customer), "sentence": alert_sentence(alert)}
    return _("It is worse since %(at)s: %(sentence)s. The engineer on duty is being called again.") % values


def reopened_words(alert: Alert, customer: Customer, now: datetime) -> str:
    """What a ticket is told when an incident that was ended by hand turns out to last."""
    values = {"at": local(now, customer), "sentence": alert_sentence(alert)}
    sentence = _("It is not over: %(sentence)s. We took it up again at %(at)s; the engineer on duty is being called.")
    return sentence % values


def goes_on_words(customer: Customer, now: datetime) -> str:
    """The same for whom no alert is about."""
    sentence = _("It is not over. We took it up again at %(at)s; the engineer on duty is being called.")
    return sentence % {"at": local(now, customer)}


def taken_up_words(customer: Customer, now: datetime) -> str:
    """The same where somebody has it already."""
    sentence = _("It is not over. We took it up again at %(at)s; an engineer is working on it.")
    return sentence % {"at": local(now, customer)}


def over_words(customer: Customer, opened_at: datetime, now: datetime, reason: str) -> str:
    """What a ticket is told when its incident is over, for an EndReason; gone means that nothing watches it now."""
    values = {"at": local(now, customer), "span": duration(now - opened_at)}
    sentences = {
        "by_hand": _("Our engineers ended the incident at %(at)s, %(span)s after it began."),
        "recovered": _("The measures are within their limits again since %(at)s, %(span)s after it began."),
        "unseen": _(
            "Data about this stopped coming, so the alert was closed as its rule says and the incident ended at "
            "%(at)s, %(span)s after it began. No data is not the same as recovered."
        ),
        "told": _("The monitoring that reported this says since %(at)s that it is over, %(span)s after it began."),
        "revoked": _(
            "The monitoring that reported this may no longer report here since %(at)s, so the incident ended, "
            "%(span)s after it began. Whether it recovered is unknown."
        ),
        "gone": _("The rule that saw this was changed at %(at)s, so the incident ended, %(span)s after it began."),
    }
    return sentences[reason] % values + " " + _("This ticket stays open: tell us if you still see the problem.")


def headline(incident: Incident, reader: User) -> str:
    """Where the incident stands, in one sentence: who has it, or how long it took."""
    if incident.merged_into_id is not None:
        return _("It turned out to be the same trouble as another incident, and goes on there.")
    if incident.resolved_at:
        values = {"span": duration(incident.resolved_at - incident.opened_at)}
        if incident.end_reason == EndReason.UNSEEN:
            return _("Closed after %(span)s because no data comes any more. Whether it recovered is unknown.") % values
        return _("It is over. It lasted %(span)s.") % values
    if incident.status == Status.ACKNOWLEDGED:
        if reader.is_provider and incident.acknowledged_by:
            return _("%(name)s is working on it.") % {"name": incident.acknowledged_by.name}
        return _("An engineer is working on it.")
    if reader.is_provider:
        return _("Nobody has it yet. The people on duty are being called.")
    return _("We have seen it, and the engineer on duty is being called.")


def scope_of(alert: Alert) -> str:
    """What the alert is about: the app, or all of the customer's, narrowed by the rule's filters; labels have names."""
    is_labelled = measurement_of(alert.metric) is not None
    told = (f"{name}={value}" if is_labelled else str(value) for name, value in alert.filters.items())
    narrowed = ", ".join(told)
    return f"{alert.place_in_full} ({narrowed})" if narrowed else alert.place_in_full


def local(at: datetime, customer: Customer) -> str:
    """The time of day where the customer works, its zone named."""
    zone = customer.timezone
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M:%S} ({zone})"


def duration(span: timedelta) -> str:
    """A length of time in the two units that matter: "45 s", "12 min", "3 h 5 min"."""
    minutes = max(int(span.total_seconds()), 0) // 60
    if minutes < 1:
        return _("%(n)d s") % {"n": max(int(span.total_seconds()), 0)}
    if minutes < 60:
        return _("%(n)d min") % {"n": minutes}
    if minutes < 48 * 60:
        return _("%(h)d h %(m)d min") % {"h": minutes // 60, "m": minutes % 60}
    return _("%(n)d days") % {"n": minutes // 1440}
