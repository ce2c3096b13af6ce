"""Hidden risks on pages: `{% load risks %}`."""

from datetime import datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.watch.models import Risk, RiskDeed, RiskOutcome
from aftercare.watch.risks import people, words
from aftercare.web.render import states

register = template.Library()
register.filter("whose", words.whose)
register.filter("kind_word", words.kind_word)
register.filter("evidence", words.evidence)
register.filter("range_words", words.range_words)
register.filter("rule_words", words.rule_words)
register.filter("lead_words", words.lead_words)
register.filter("deed_words", words.deed_words)
register.filter("figure", words.figure)


@register.simple_tag
def risk_state(risk: Risk, now: datetime | None = None) -> SafeString:
    """The badge; beside it where it is overdue or has run out."""
    badge = states.state(words.tone(risk), words.state_word(risk))
    if not risk.is_open:
        return badge
    if risk.happened_at is not None:
        return format_html("<span>{} <span>{}</span></span>", badge, _("has run out"))
    if now and risk.due_at <= now:
        return format_html("<span>{} <span>{}</span></span>", badge, _("overdue"))
    return badge


@register.simple_tag
def outcome_state(deed: RiskDeed) -> SafeString:
    """What a closing counts as."""
    outcome = RiskOutcome(deed.outcome)
    if deed.confirmed_at is None and outcome == RiskOutcome.PREVENTED:
        return states.state("unknown", _("not confirmed yet"), quiet=True)
    return states.state(words.TONES[outcome], str(outcome.label), quiet=True)


@register.simple_tag
def person_name(reader: User, somebody: User | None) -> str:
    """Somebody's name as this reader may know it; "" for nobody."""
    return people.name_for(reader, somebody)
