"""A person's word on a suspect."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.incidents.actions.locking import held
from aftercare.incidents.changes.story import record, write_step
from aftercare.incidents.changes.words import suspect_words
from aftercare.incidents.models import Incident, Kind
from aftercare.incidents.timeline import write_entry
from aftercare.kernel.errors import Refused
from aftercare.web.languages import in_both


@transaction.atomic
def judge_suspect(*, incident: Incident, change_ref: str, was_it: bool, actor: User, now: datetime) -> None:
    """It was this change, or it was not; the last word counts. Raises Refused for what is no suspect."""
    row = held(incident.ref)
    suspect = row.suspects.select_related("change").filter(change__ref=change_ref).first() if row else None
    if row is None or suspect is None:
        raise Refused(_("This change is no suspect of the incident."))
    if suspect.was_it == was_it:
        return
    suspect.was_it, suspect.judged_by, suspect.judged_at = was_it, actor, now
    suspect.save(update_fields=["was_it", "judged_by", "judged_at"])
    change = suspect.change
    words, words_zh = in_both(lambda: suspect_words(suspect))
    kind = Kind.CHANGE_BLAMED if was_it else Kind.CHANGE_CLEARED
    write_entry(row, kind, now=now, actor=actor, sentence=words, sentence_zh=words_zh, change=change.ref)
    step = "was_it" if was_it else "was_not"
    write_step(change, step, now=now, actor=actor, incident=row.title, incident_zh=row.title_zh)
    record("judge", change, actor, now, incident=row.ref, was_it=was_it)
