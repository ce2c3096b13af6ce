"""Changes of shift, and what the records say for the note that goes with them."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.oncall.models import Handover, Page, SignIn
from aftercare.oncall.queries.pages import live_pages

LINES_AT_MOST = 30
BACK = timedelta(hours=12)
Lines = Callable[[datetime], list[str]]

_told_by: list[Lines] = []


def told_in_notes(lines: Lines) -> None:
    """A room above says, when it starts, what whoever comes on duty must know: lines in the present language."""
    _told_by.append(lines)


def draft(now: datetime) -> str:
    """The note as the records have it: who has which page, then what the rooms above tell."""
    lines = [f"- {page.display_title}: {who_has(page)}" for page in live_pages()[:LINES_AT_MOST]]
    lines = [_("Open pages:"), *lines] if lines else [_("No page is open.")]
    for told in _told_by:
        lines += told(now)
    return "\n".join(lines)


def who_has(page: Page) -> str:
    """Who has a page, in words."""
    if page.acknowledged_by is None:
        return _("nobody has it")
    return _("%(person)s has it") % {"person": page.acknowledged_by.name}


def handovers() -> QuerySet[Handover]:
    """All of them, the newest first."""
    return Handover.objects.select_related("schedule", "edited_by").prefetch_related("sign_ins__user")


def sign_ins_of(user: User, now: datetime) -> list[SignIn]:
    """What this person has still to confirm: their shift begins soon, or began in the last hours."""
    waiting = SignIn.objects.filter(user=user, signed_at=None, handover__at__gt=now - BACK)
    return list(waiting.select_related("handover__schedule").order_by("handover__at"))
