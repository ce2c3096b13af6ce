"""Which alerts a silence or a rule means: every part that is filled must fit.

A text fits exactly, or by its beginning where the pattern ends with `*`; there is no other pattern, so that no pattern
costs more than its length.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from aftercare.kernel.errors import Refused
from aftercare.watch.models import ORIGINS, Alert

OWN = "own"
MOST_LABELS = 10
LONGEST = {"metric": 210, "title": 200, "name": 100, "value": 200}


@dataclass(frozen=True)
class Match:
    """`customer` and `app` are refs, `customer` OWN for the provider's own systems. `origin` is "monitor:REF" or alike.

    `metric`, `title` and the values of `labels` are patterns. Empty parts fit everything.
    """

    customer: str = ""
    app: str = ""
    origin: str = ""
    metric: str = ""
    title: str = ""
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether it would fit every alert there is."""
        return not any(asdict(self).values())

    def as_dict(self) -> dict[str, Any]:
        """The filled parts, as kept."""
        return {name: value for name, value in asdict(self).items() if value}

    def fits(self, alert: Alert) -> bool:
        """Whether it means this alert, which comes with its app, customer and origin."""
        return (
            (not self.customer or self.customer == whose(alert))
            and (not self.app or (alert.app is not None and alert.app.ref == self.app))
            and (not self.origin or self.origin == origin_of(alert))
            and (not self.metric or suits(self.metric, alert.metric))
            and (not self.title or suits(self.title, alert.title) or suits(self.title, alert.title_zh))
            and all(
                name in alert.filters and suits(wanted, str(alert.filters[name]))
                for name, wanted in self.labels.items()
            )
        )


def narrowed(alerts: QuerySet[Alert], match: Match) -> QuerySet[Alert]:
    """Those of the alerts that may fit, by what the database can ask cheaply; `Match.fits` has the last word."""
    if match.customer:
        whose_it_is = Q(customer=None) if match.customer == OWN else Q(customer__ref=match.customer)
        alerts = alerts.filter(whose_it_is)
    if match.app:
        alerts = alerts.filter(app__ref=match.app)
    if match.origin:
        name, _colon, ref = match.origin.partition(":")
        alerts = alerts.filter(**{f"{name}__ref": ref}) if name in ORIGINS else alerts.none()
    if match.metric and not match.metric.endswith("*"):
        alerts = alerts.filter(metric=match.metric)
    return alerts


def whose(alert: Alert) -> str:
    """The ref of the customer that an alert is about, OWN for none."""
    return alert.customer.ref if alert.customer else OWN


def origin_of(alert: Alert) -> str:
    """What says it: "monitor:REF", "source:REF", "heartbeat:REF" or "risk:REF"."""
    name, _pk = alert.origin
    return f"{name}:{getattr(alert, name).ref}"


def suits(pattern: str, text: str) -> bool:
    """Whether the text is the pattern, or begins with what stands before its `*`."""
    return text.startswith(pattern[:-1]) if pattern.endswith("*") else text == pattern


def match_of(kept: Mapping[str, Any]) -> Match:
    """The match of a row."""
    return Match(**kept)


def like(alert: Alert) -> Match:
    """What fits alerts like this one: of the same customer and origin, and what is told with the same title."""
    app = alert.app.ref if alert.app else ""
    title = "" if alert.is_measured or alert.source is None else alert.title
    return Match(customer=whose(alert), app=app, origin=origin_of(alert), title=title)


def check(match: Match) -> None:
    """Raise Refused for what fits everything or is too long to be meant."""
    if match.is_empty or not any(value.strip("*") for value in (*plain(match), *match.labels.values())):
        raise Refused(_("Say which alerts are meant: all of them at once cannot be."))
    if match.origin and match.origin.partition(":")[0] not in ORIGINS:
        raise Refused(_("An origin is monitor:, source:, heartbeat: or risk: and its ref."))
    if len(match.labels) > MOST_LABELS:
        raise Refused(_("At most %(n)s labels can be given.") % {"n": MOST_LABELS})
    longest = max((len(name) for name in match.labels), default=0)
    values = max((len(value) for value in match.labels.values()), default=0)
    if (
        longest > LONGEST["name"]
        or values > LONGEST["value"]
        or any(len(one) > LONGEST["metric"] for one in plain(match))
    ):
        raise Refused(_("A name has at most 100 characters, a value at most 200."))


def plain(match: Match) -> tuple[str, ...]:
    """The parts beside the labels."""
    return match.customer, match.app, match.origin, match.metric, match.title


def labels_of(text: str) -> dict[str, str]:
    """The pairs of a text with one `name=value` a line. Raises Refused naming the line that is none."""
    pairs = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, sign, value = line.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise Refused(_("“%(line)s” is not name=value.") % {"line": line[:80]})
        pairs[name.strip()] = value.strip()
    return pairs


def labels_text(labels: Mapping[str, str]) -> str:
    """The pairs as a form shows them."""
    return "\n".join(f"{name}={value}" for name, value in labels.items())
