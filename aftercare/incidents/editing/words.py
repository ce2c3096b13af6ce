"""What the severities of an incident mean, as whoever chooses one reads it."""

from django.utils.translation import gettext as _

from aftercare.incidents.models import Severity
from aftercare.incidents.review.rules import Rules


def definitions(rules: Rules) -> list[tuple[str, str]]:
    """Each severity with what it means and what follows, the worst first."""
    red = _("Users cannot use it, or every minute costs: whoever is on duty is woken at once.")
    warning = _("Few feel it, or many will if nothing is done: it waits for working hours and wakes nobody.")
    return [
        (Severity.RED, " ".join(filter(None, (red, first_word(rules.first_red))))),
        (Severity.WARNING, " ".join(filter(None, (warning, first_word(rules.first_warning))))),
    ]


def first_word(minutes: int) -> str:
    """What customers are owed, by the rules in force; empty for nothing."""
    return _("Customers are owed a first word within %(n)s min.") % {"n": minutes} if minutes else ""
