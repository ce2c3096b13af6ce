"""Why a ticket went to somebody, or waits, in the reader's words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aftercare.desk.models import Assignment
from aftercare.desk.routing import choice


def why_sentence(assignment: Assignment) -> str:
    """Why this person has the ticket."""
    data: dict[str, Any] = {"name": assignment.user.name, **assignment.data}
    match assignment.why:
        case choice.EXPERT:
            return _("%(name)s is this customer's named expert.") % data
        case choice.DEPUTY if data.get("expert"):
            data["because"] = because(data["because"])
            return _("%(name)s is the deputy; the named expert %(expert)s %(because)s.") % data
        case choice.DEPUTY:
            return _("%(name)s is this customer's deputy; no expert is named.") % data
        case choice.POOL if data["fitting"] == 1:
            return _("%(name)s is the only one who is on, fits and has room (%(load)s of %(capacity)s).") % data
        case choice.POOL:
            return (
                _("Of %(fitting)s who are on and fit, %(name)s has the most room (%(load)s of %(capacity)s taken).")
                % data
            )
        case "returned":
            return _("It came back to %(name)s, who had handed it on.") % data
        case "assigned":
            return _("%(by)s gave it to %(name)s.") % data
    if assignment.why == "kept":
        return _("It is back with %(name)s, who had it before.") % data
    return _("%(name)s claimed it.") % data


def because(hindrance: str) -> str:
    """What stood in the way of a named person, as the end of a sentence."""
    return {
        choice.NOT_ON: _("is not on now"),
        choice.PASSED: _("had it and did not answer in time"),
        choice.TIER: _("does not work on this tier"),
        choice.FULL: _("has no room"),
    }.get(hindrance, hindrance)


def waiting_sentence(against: Mapping[str, int]) -> str:
    """Why nobody has it: counts of what stands in the way, the most telling first."""
    told = {
        choice.FULL: ngettext("%(n)s person has no room", "%(n)s people have no room", against.get(choice.FULL, 0)),
        choice.LANGUAGE: ngettext(
            "%(n)s does not speak its language", "%(n)s do not speak its language", against.get(choice.LANGUAGE, 0)
        ),
        choice.SKILL: ngettext("%(n)s lacks the skill", "%(n)s lack the skill", against.get(choice.SKILL, 0)),
        choice.SCENARIO: ngettext(
            "%(n)s does not take this scenario", "%(n)s do not take this scenario", against.get(choice.SCENARIO, 0)
        ),
        choice.PASSED: ngettext("%(n)s gave it back", "%(n)s gave it back", against.get(choice.PASSED, 0)),
        choice.TIER: ngettext("%(n)s works on another tier", "%(n)s work on another tier", against.get(choice.TIER, 0)),
        choice.NOT_ON: ngettext("%(n)s is not on", "%(n)s are not on", against.get(choice.NOT_ON, 0)),
    }
    parts = [words % {"n": against[code]} for code, words in told.items() if against.get(code)]
    if not parts:
        return _("Nobody takes tickets by themselves yet. Say who does under “Routing”.")
    return _("Nobody can take it now: %(parts)s.") % {"parts": _(", ").join(parts)}
