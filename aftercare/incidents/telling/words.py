"""What an update says before somebody writes it better: a text for each stage, filled with what the incident knows."""

import re
from datetime import timedelta

from django.utils.translation import gettext as _

from aftercare.incidents.models import Incident, Stage, UpdateTemplate
from aftercare.incidents.words import duration
from aftercare.web.languages import in_both

BRACKETS = re.compile(r"\[[^\[\]]+\]")


def drafted(incident: Incident, stage: Stage, next_within: timedelta | None) -> tuple[str, str]:
    """The draft in English and in Chinese."""
    return in_both(lambda: draft(incident, stage, next_within))


def left_open(incident: Incident, text: str) -> list[str]:
    """What stands in the text as a draft, or a template, left it, brackets and all, in either language."""
    drafts = [words for stage in Stage for words in drafted(incident, stage, None)]
    kept = UpdateTemplate.objects.filter(removed_at=None).values_list("body", "body_zh")
    drafts += [words for pair in kept for words in pair]
    asked = {found for words in drafts for found in BRACKETS.findall(words)}
    return [found for found in BRACKETS.findall(text) if found in asked]


def draft(incident: Incident, stage: Stage, next_within: timedelta | None) -> str:
    """The draft in the language that is active. What only a person can know stands in brackets."""
    texts = {
        Stage.INVESTIGATING: _(
            "We see this: %(title)s. Our engineers are looking for the cause. Affected: [who and what]."
        ),
        Stage.IDENTIFIED: _("The cause of “%(title)s” is found: [cause]. We are [what we do about it]."),
        Stage.MITIGATED: _(
            "The effect of “%(title)s” is stopped: [what was done]. The cause is being removed. "
            "If you still see it, answer here."
        ),
        Stage.MONITORING: _("The repair of “%(title)s” is in place: [what was done]. We are watching that it holds."),
        Stage.RESOLVED: _(
            "“%(title)s” is over. [What was the cause, what was done.] "
            "A report follows; if you still see it, answer here."
        ),
    }
    said = texts[stage] % {"title": incident.neutral_title}
    if next_within is None:
        return said
    return said + "\n" + _("Next update within %(span)s.") % {"span": duration(next_within)}
