"""What each figure is, in one sentence: the page, the file and the tests read it here."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SECONDS, PERCENT, COUNT = "s", "%", ""


@dataclass(frozen=True)
class Definition:
    """A figure's key, name and sentence, its unit and that of the rows behind it."""

    key: str
    name: str | Promise
    sentence: str | Promise
    unit: str
    row_unit: str = SECONDS


DEFINITIONS = (
    Definition(
        "mtta",
        _("Time to acknowledge (MTTA)"),
        _("From an incident's opening until somebody first had it; the mean over incidents that opened in the period."),
        SECONDS,
    ),
    Definition(
        "mttr",
        _("Time to recover (MTTR)"),
        _(
            "From an incident's opening to its end; the mean over incidents that ended in the period by recovery or by "
            "hand."
        ),
        SECONDS,
    ),
    Definition(
        "mitigation",
        _("Time to mitigate"),
        _(
            "From an incident's opening until users felt it no more, as somebody noted; the mean over those noted in "
            "the period."
        ),
        SECONDS,
    ),
    Definition(
        "first_update",
        _("Time to first customer update"),
        _(
            "From an incident's opening until a person first told its customers; the mean over incidents that opened "
            "in the period and touch customers."
        ),
        SECONDS,
    ),
    Definition(
        "proactive",
        _("Proactive rate"),
        _(
            "The share of incidents that touch customers which opened before a customer wrote in a ticket of theirs, "
            "or an end user's complaint of a touched app was made (from 30 minutes before the opening to the end)."
        ),
        PERCENT,
    ),
    Definition(
        "lead",
        _("Lead time"),
        _(
            "From the opening to the first such words; the mean over incidents that we knew of first and that somebody "
            "spoke of."
        ),
        SECONDS,
    ),
    Definition(
        "duty",
        _("Reachability of duty"),
        _(
            "The share of pages that one of the people of the first step took before the page went on; pages of the "
            "period that were taken or went on."
        ),
        PERCENT,
    ),
    Definition(
        "weekly",
        _("Pages per person per week"),
        _(
            "Each step of a page that reached for a person otherwise than by the console's push counts once; over the "
            "people who were reached for, by seven days."
        ),
        COUNT,
        COUNT,
    ),
    Definition(
        "nightly",
        _("Pages per person per night"),
        _("The same between 22:00 and 06:00 of the person's own zone, by nights of the period."),
        COUNT,
        COUNT,
    ),
    Definition(
        "held_back",
        _("Alerts held back"),
        _(
            "The share of the period's alerts that called nobody when they opened: silenced, behind another, in "
            "maintenance, or flapping."
        ),
        PERCENT,
    ),
    Definition(
        "joined",
        _("Alerts that joined"),
        _("The share of the alerts in incidents that opened no incident of their own but joined one."),
        PERCENT,
        COUNT,
    ),
    Definition(
        "short",
        _("Over by themselves"),
        _("The share of the period's incidents that recovered within five minutes with nobody having taken them."),
        PERCENT,
    ),
)
BY_KEY = {one.key: one for one in DEFINITIONS}
