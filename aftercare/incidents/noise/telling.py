"""What a silence held is told when it ends: to who made it and to whoever is on duty, each once."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aftercare.incidents.models import Outcome, Silence
from aftercare.notify import actions as notify
from aftercare.oncall.queries import on_duty


@dataclass(frozen=True)
class Tally:
    """What a silence held: how many alerts, how many of them are over, called for by now, and waiting on."""

    held: int
    over: int
    called: int
    waiting: int


def tally_of(silence: Silence) -> Tally:
    """Counted from the rows, each alert once: what is over, what calls somebody now, what waits for another reason."""
    rows = list(silence.held.values_list("outcome", "alert__closed_at"))
    over = sum(closed_at is not None for _outcome, closed_at in rows)
    called = sum(outcome == Outcome.JOINED and closed_at is None for outcome, closed_at in rows)
    return Tally(len(rows), over, called, len(rows) - over - called)


def tell_end(silence: Silence, now: datetime) -> None:
    """One message for each; a silence that held nothing ends in silence."""
    tally = tally_of(silence)
    if not tally.held:
        return
    for person in dict.fromkeys([silence.made_by, *on_duty(now)]):
        if not person.is_active:
            continue
        with translation.override(person.language or settings.LANGUAGE_CODE):
            notify.push(
                user=person,
                kind="incident.silence",
                subject_ref=silence.ref,
                title=title_of(tally),
                body=body_of(silence, tally),
                url_path=f"/silences/{silence.ref}",
                now=now,
            )


def title_of(tally: Tally) -> str:
    """How much it was."""
    told = ngettext(
        "A silence ended: it held back %(n)s alert", "A silence ended: it held back %(n)s alerts", tally.held
    )
    return told % {"n": tally.held}


def body_of(silence: Silence, tally: Tally) -> str:
    """Why it was silent, and what became of what it held."""
    told = [_("“%(reason)s”.") % {"reason": silence.reason}]
    if tally.over:
        told.append(ngettext("%(n)s is over.", "%(n)s are over.", tally.over) % {"n": tally.over})
    if tally.called:
        words = ngettext(
            "%(n)s is still open: whoever is on duty is called.",
            "%(n)s are still open: whoever is on duty is called.",
            tally.called,
        )
        told.append(words % {"n": tally.called})
    if tally.waiting:
        words = ngettext("%(n)s waits on for another reason.", "%(n)s wait on for another reason.", tally.waiting)
        told.append(words % {"n": tally.waiting})
    return " ".join(told)
