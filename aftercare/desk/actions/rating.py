"""The customer's answer to how it was solved."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.desk.actions.locking import locked
from aftercare.desk.models import QUESTIONS, Rating
from aftercare.desk.ratings import why_not
from aftercare.kernel.errors import Refused

WORDS_LIMIT = 2000


@transaction.atomic
def rate(
    *,
    rating: Rating,
    marks: Mapping[str, int],
    words: str = "",
    first_contact: bool | None = None,
    user: User | None,
    by_link: bool = False,
    now: datetime,
) -> Rating:
    """Keep or change the answer: marks from 1 to 5 for each of QUESTIONS. `user` None is a contact with a link.

    Raises Refused when a mark is missing or out of range, the words are too long, or the time for it has gone by.
    """
    locked(rating.ticket, None)
    row = Rating.objects.select_for_update(of=("self",)).select_related("ticket").get(pk=rating.pk)
    reason = why_not(row, now)
    if reason:
        raise Refused(reason)
    if any(marks.get(question) not in range(1, 6) for question in QUESTIONS):
        raise Refused(_("Give each of the three questions 1 to 5."))
    words = words.replace("\x00", "").strip()
    if len(words) > WORDS_LIMIT:
        raise Refused(_("The message is longer than %(limit)s characters. Shorten it.") % {"limit": WORDS_LIMIT})
    row.expertise, row.attitude, row.communication = (marks[question] for question in QUESTIONS)
    row.words, row.first_contact, row.rated_by, row.by_link = words, first_contact, user, by_link
    row.changed_at = now if row.rated_at else None
    row.rated_at = row.rated_at or now
    row.save()
    audit.record(
        actor=user,
        action="ticket.rate",
        subject=row.ticket.ref,
        customer_id=row.ticket.customer_id,
        detail={**{question: marks[question] for question in QUESTIONS}, "by_link": by_link},
        now=now,
    )
    return row
