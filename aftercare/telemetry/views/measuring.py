"""What the address of a measurement's page asks for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _

from aftercare.accounts.models import App
from aftercare.kernel.errors import Refused
from aftercare.telemetry.queries.measurements import Chosen, Name, chosen_of
from aftercare.telemetry.schema.measured import readings_of
from aftercare.telemetry.views.asked import Window, iso, read_window

LABEL = "label."
MOST_FILTERS = 10
LONGEST_VALUE = 1024


@dataclass(frozen=True)
class AskedMeasurement:
    """A name in a time, narrowed by labels, perhaps split by one; `kind` and `reading` "" for the usual ones."""

    app: App
    name: str
    window: Window
    kind: str = ""
    reading: str = ""
    by: str = ""
    labels: dict[str, str] = field(default_factory=dict)

    def query(self, **changes: str | None) -> str:
        """The address's query with some parameters replaced; None drops one."""
        return self.linked({}, **changes)

    def narrowed(self, label: str, value: str | None) -> str:
        """The address's query with this label's value, None for any; a split by a label that is settled ends."""
        changes = {"by": None} if label == self.by and value is not None else {}
        return self.linked({LABEL + label: value}, **changes)

    def linked(self, labels: dict[str, str | None], **changes: str | None) -> str:
        """The query with replaced labels and other parameters."""
        said: dict[str, str | None] = {**self.window_query(), "kind": self.kind, "read": self.reading, "by": self.by}
        said |= {LABEL + name: value for name, value in self.labels.items()} | changes | labels
        return "?" + urlencode({name: value for name, value in said.items() if value})

    def window_query(self) -> dict[str, str]:
        """The parameters that say the time."""
        if self.window.range:
            return {"range": self.window.range}
        return {"from": iso(self.window.start), "to": iso(self.window.end)}

    def chosen(self, kind: str) -> Chosen:
        """The series that are asked for."""
        return chosen_of(self.app, self.name, [kind], self.labels)

    def measurement(self, found: Sequence[Name]) -> Name:
        """The one of these kinds that is asked for. Raises Refused for a kind the name does not have."""
        known = next((one for one in found if one.kind == (self.kind or found[0].kind)), None)
        if known is None:
            raise Refused(_("%(name)s has no series of this kind.") % {"name": self.name})
        return known

    def read_as(self, kind: str) -> str:
        """The reading that is asked for, or the kind's usual one. Raises Refused for one that the kind has not."""
        possible = readings_of(kind)
        if self.reading and self.reading not in possible:
            raise Refused(_("This kind of series can be read as: %(known)s.") % {"known": ", ".join(possible)})
        return self.reading or possible[0]


def read_measurement(request: HttpRequest, app: App, name: str, now: datetime) -> AskedMeasurement:
    """What this address asks for. Raises Refused for a time that makes no sense or too many labels."""
    said = request.GET.dict()
    labels = {key.removeprefix(LABEL): value for key, value in said.items() if key.startswith(LABEL) and value}
    if len(labels) > MOST_FILTERS:
        raise Refused(_("A measurement can be narrowed by at most %(most)d labels.") % {"most": MOST_FILTERS})
    return AskedMeasurement(
        app,
        name,
        read_window(said, now),
        said.get("kind", "")[:40],
        said.get("read", "")[:40],
        said.get("by", "")[:LONGEST_VALUE],
        {label: value[:LONGEST_VALUE] for label, value in labels.items()},
    )
