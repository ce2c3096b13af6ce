"""Every figure of a period, with the rows behind it."""

from datetime import datetime

from aftercare.incidents.figures.alerts import of_alerts
from aftercare.incidents.figures.people import of_people
from aftercare.incidents.figures.times import acknowledged, first_told, incidents_within, mitigated, recovered
from aftercare.incidents.figures.types import Counted, Wanted
from aftercare.incidents.figures.voices import proactive


def figures(wanted: Wanted, now: datetime) -> dict[str, Counted]:
    """By key, in the order of `definitions.DEFINITIONS`; a fixed number of queries."""
    opened = list(incidents_within(wanted))
    ended, noted = list(incidents_within(wanted, "resolved_at")), incidents_within(wanted, "mitigated_at")
    every = [
        acknowledged(opened),
        recovered(ended),
        mitigated(noted, ended),
        first_told(opened, now),
        *proactive(opened, now),
        *of_people(wanted, now),
        *of_alerts(opened, wanted),
    ]
    return {one.key: one for one in every}
