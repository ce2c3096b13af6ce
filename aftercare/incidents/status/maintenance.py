"""Planned changes on the public page: shown where somebody says so, in words for everybody, and told to subscribers.

The change's own title, plan and customers never stand there; each customer reads theirs on their own page.
"""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.incidents.models import Broadcast, Change, ChangeState, PublicMaintenance, StatusPage, Subscription
from aftercare.incidents.status.changes import mark, wake_engine
from aftercare.kernel.errors import Refused

TITLE_AT_MOST, BODY_AT_MOST = 160, 2000
# What of a change's story its public page shows, and of that what subscribers hear as news.
ON_PAGES = frozenset(
    {"announced", "moved", "postponed", "cancelled", "started", "done", "rolled_back", "customer_added"}
    | {"customer_removed", "edited"}
)
TOLD = {"announced": "announced", "moved": "moved", "postponed": "postponed", "cancelled": "cancelled"}
TOLD |= {"done": "done", "rolled_back": "done"}  # whether it worked is between us and those whom it touched
PUBLIC_STATES = (ChangeState.ANNOUNCED, ChangeState.RUNNING)


@dataclass(frozen=True)
class PublicWords:
    """What everybody reads of it; it must name no customer and nothing of the provider's inside."""

    title: str
    title_zh: str
    body: str
    body_zh: str


@transaction.atomic
def publish_maintenance(*, change: Change, words: PublicWords, actor: User, now: datetime) -> PublicMaintenance:
    """Show an announced change on the public page, or in other words; subscribers hear of it the first time.

    Raises Refused where there is no public page, for a change that is not announced, and without both titles.
    """
    row = Change.objects.select_for_update(no_key=True).get(pk=change.pk)
    if not StatusPage.objects.filter(customer=None, is_open=True).exists():
        raise Refused(_("There is no public status page. Open one first."))
    if row.state not in PUBLIC_STATES:
        raise Refused(_("Only what is announced can stand on the public page."))
    kept = {name: cleaned(text, name.startswith("title")) for name, text in asdict(words).items()}
    if not kept["title"] or not kept["title_zh"]:
        raise Refused(_("Say in both languages what the public reads as its title; name no customer."))
    shown, is_new = PublicMaintenance.objects.update_or_create(
        change=row, defaults=kept, create_defaults={**kept, "published_by": actor, "at": now}
    )
    if is_new:
        tell(shown, "announced", now)
    mark_public(now)
    record("change.put_up", row, actor, now, {"title": kept["title"], "new": is_new})
    return shown


def cleaned(text: str, is_title: bool) -> str:
    """The text as it is kept. Raises Refused for one that is too long."""
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    text = " ".join(text.split()) if is_title else text
    most = TITLE_AT_MOST if is_title else BODY_AT_MOST
    if len(text) > most:
        raise Refused(_("The text is longer than %(n)s characters. Shorten it.") % {"n": most})
    return text


@transaction.atomic
def withdraw_maintenance(*, change: Change, actor: User, now: datetime) -> None:
    """Take it off the public page; nobody is told. Twice counts once."""
    row = Change.objects.select_for_update(no_key=True).get(pk=change.pk)
    count, _rows = PublicMaintenance.objects.filter(change=row).delete()
    if count:
        mark_public(now)
        record("change.take_down", row, actor, now, {})


def step_written(change: Change, kind: str, now: datetime) -> None:
    """Something happened to a change: the pages that show it are written anew, and subscribers hear what is news.

    In the change's own transaction, which has locked the change.
    """
    if kind not in ON_PAGES or change.announced_at is None:
        return
    shown = PublicMaintenance.objects.filter(change=change).first()
    theirs = Q(customer__in=change.customers.values("customer"))
    mark(StatusPage.objects.filter(theirs | Q(customer=None) if shown else theirs), now)
    wake_engine()
    if shown is not None and kind in TOLD:
        tell(shown, TOLD[kind], now)


def tell(shown: PublicMaintenance, word: str, now: datetime) -> None:
    """The public page's subscribers hear it, once for each window and word."""
    page = StatusPage.objects.filter(customer=None, is_open=True).first()
    if page is None or not Subscription.objects.filter(page=page, confirmed_at__isnull=False).exists():
        return
    facts = {"page": page, "maintenance": shown, "word": word, "window": shown.change.window}
    Broadcast.objects.get_or_create(**facts, defaults={"at": now})


def mark_public(now: datetime) -> None:
    """The public page is written anew."""
    mark(StatusPage.objects.filter(customer=None), now)
    wake_engine()


def record(action: str, change: Change, actor: User, now: datetime, detail: dict[str, object]) -> None:
    """The audit row."""
    audit.record(actor=actor, action=action, subject=change.ref, customer_id=None, detail=detail, now=now)
