"""The signed link by which somebody rates a ticket without signing in, and until when they may."""

from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from aftercare.desk.models import Rating
from aftercare.kernel.signing import is_signed, sign

PURPOSE = "rate-ticket"
ASKED_FOR = timedelta(days=30)
CHANGEABLE_FOR = timedelta(days=7)


def rating_path(rating: Rating, who: str) -> str:
    """The path on which `who` (the ref of a person or contact) answers this question; good for nothing else."""
    signature = sign(settings.SECRET_KEY.encode(), PURPOSE, text_of(rating, who))
    return reverse("desk:rating_link", args=[rating.ref, who, signature])


def is_link_of(rating: Rating, who: str, signature: str) -> bool:
    """Whether a link was made for this question and this person."""
    return is_signed(settings.SECRET_KEY.encode(), PURPOSE, text_of(rating, who), signature)


def text_of(rating: Rating, who: str) -> str:
    """What is signed: refs have no spaces, so that the two cannot run into each other."""
    return f"{rating.ref} {who}"


def why_not(rating: Rating, now: datetime) -> str:
    """Why this question can no longer be answered, as a sentence; empty where it can."""
    if rating.rated_at is not None:
        if now > rating.rated_at + CHANGEABLE_FOR:
            return _("This rating was given more than 7 days ago and cannot be changed any more.")
        return ""
    if rating.ticket.solved_at != rating.solved_at:
        return _("The ticket was opened again. We ask you anew when it is solved.")
    if now > rating.solved_at + ASKED_FOR:
        return _("The 30 days for rating this solution have gone by. Write in the ticket if something is still wrong.")
    return ""
