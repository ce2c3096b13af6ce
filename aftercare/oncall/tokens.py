"""Signed links: one person, one page, nothing else."""

from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse

from aftercare.accounts.access import can
from aftercare.accounts.models import User
from aftercare.kernel.signing import is_signed, sign
from aftercare.oncall.models import Page, TrialCall

PURPOSE = "page-link"
TRIAL = "trial-link"
VALID_FOR = timedelta(days=7)


def link_path(page: Page, user: User) -> str:
    """The path by which this person may see and acknowledge this page without signing in."""
    signature = sign(settings.SECRET_KEY.encode(), PURPOSE, f"{page.ref} {user.ref}")
    return reverse("oncall:signed_page", args=[page.ref, f"{user.ref}.{signature}"])


def person_of(page: Page, token: str, now: datetime) -> User | None:
    """The person a token was made for; None when it is forged, for another page, too old, or the person may no more."""
    user_ref, _, signature = token.partition(".")
    if not is_signed(settings.SECRET_KEY.encode(), PURPOSE, f"{page.ref} {user_ref}", signature):
        return None
    if now - page.opened_at > VALID_FOR:
        return None
    user = User.objects.filter(ref=user_ref).first()
    return user if user is not None and can(user, "acknowledge_pages") else None


def trial_path(trial: TrialCall) -> str:
    """The path by which whoever was called may answer their test call without signing in."""
    return reverse("oncall:signed_trial", args=[trial.ref, sign(settings.SECRET_KEY.encode(), TRIAL, trial.ref)])


def is_of_trial(trial: TrialCall, token: str, now: datetime) -> bool:
    """Whether a token was made for this test call, which is not too old."""
    is_young = trial.called_at is not None and now - trial.called_at <= VALID_FOR
    return is_young and is_signed(settings.SECRET_KEY.encode(), TRIAL, trial.ref, token)
