"""Writing pages: the engine's step from a page that is due to files on the disk."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from aftercare.incidents.models import StatusPage
from aftercare.incidents.status import files
from aftercare.incidents.status.addresses import folder_of
from aftercare.incidents.status.facts import PageFacts, gather
from aftercare.incidents.status.page_data import page_atom, page_json
from aftercare.incidents.status.page_html import other_of, page_html
from aftercare.incidents.status.wording import CHINESE, ENGLISH, SHORT

log = logging.getLogger(__name__)

AT_ONCE = 2_000
LEASE = timedelta(seconds=60)
# A page is written anew this often though nothing happened, so that its time tells whether it still is.
RENEWED_EVERY = timedelta(minutes=15)
SPREAD_S = 240
AGAIN_AFTER = timedelta(seconds=30)


def write_due(now: datetime) -> int:
    """Write the pages that are due; returns how many. Safe to run in several processes.

    Where the disk is full the files that were there stay, and the page says why (`error`) and is tried again.
    """
    pages = lease(now)
    if not pages:
        return 0
    shown = [page for page in pages if page.is_open]
    try:
        for page in pages:
            if not page.is_open:
                files.remove_folder(folder_of(page))
        files.write_pages([(folder_of(facts.page), files_of(facts)) for facts in gather(shown, now)])
    except OSError as error:
        log.error("%d status pages could not be written: %s", len(pages), error)
        reason = (error.strerror or str(error))[:200]
        held(pages, now).update(error=reason, due_at=now + AGAIN_AFTER, lease_until=None)
        return 0
    settle(pages, now)
    return len(pages)


def lease(now: datetime) -> list[StatusPage]:
    """The pages that are due, kept from others for LEASE."""
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    with transaction.atomic():
        due = StatusPage.objects.filter(free, due_at__lte=now).order_by("pk")
        taken = due.select_for_update(skip_locked=True, no_key=True, of=("self",)).select_related("customer")
        pages = list(taken[:AT_ONCE])
        found = StatusPage.objects.filter(pk__in=[page.pk for page in pages])
        found.update(lease_until=now + LEASE, taken=F("wanted"))
    return pages


def held(pages: list[StatusPage], now: datetime) -> "QuerySet[StatusPage]":
    """Those of them that are still ours."""
    return StatusPage.objects.filter(pk__in=[page.pk for page in pages], lease_until=now + LEASE)


def settle(pages: list[StatusPage], now: datetime) -> None:
    """They are written: due again when they are to be renewed, or at once where something happened meanwhile.

    Whoever lost its lease on the way may have put old files over new ones: those pages are written once more. The
    files of an address that was taken back meanwhile go.
    """
    mine = held(pages, now)
    kept = {page.pk: page.edition for page in StatusPage.objects.filter(pk__in=[page.pk for page in pages])}
    for page in pages:
        if kept.get(page.pk) != page.edition:
            files.remove_folder(folder_of(page))
    lost = {page.pk for page in pages} - set(mine.values_list("pk", flat=True))
    if lost:
        StatusPage.objects.filter(pk__in=lost).update(due_at=now, wanted=F("wanted") + 1)
    mine.filter(wanted__gt=F("taken")).update(lease_until=None, written_at=now, error="")
    again = now + RENEWED_EVERY + timedelta(seconds=pages[0].pk * 37 % SPREAD_S)
    mine.filter(wanted=F("taken")).update(lease_until=None, written_at=now, error="", due_at=again)


def files_of(facts: PageFacts) -> dict[str, bytes]:
    """The page's files by their names; `index.html` is in the language of whom it is for."""
    first = CHINESE if facts.language.startswith("zh") or not facts.language else ENGLISH
    second = other_of(first)
    other_name = f"{SHORT[second]}.html"
    texts = {
        "index.html": page_html(facts, first, other_name),
        other_name: page_html(facts, second, "index.html"),
        "status.json": page_json(facts),
        "zh.atom": page_atom(facts, CHINESE),
        "en.atom": page_atom(facts, ENGLISH),
    }
    return {name: text.encode() for name, text in texts.items()}


def sweep_due() -> int:
    """Remove the files of addresses that are no page's any more; returns how many addresses."""
    pages = StatusPage.objects.filter(is_open=True, customer__isnull=False)
    return files.sweep([folder_of(page) for page in pages])
