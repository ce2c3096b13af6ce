"""Which incidents stand on the public page, and which of their updates."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.incidents.actions.locking import held, locked
from aftercare.incidents.actions.recording import record
from aftercare.incidents.models import (
    Broadcast,
    Incident,
    Kind,
    PublicIncident,
    PublicUpdate,
    Severity,
    StatusPage,
    Subscription,
    Update,
)
from aftercare.incidents.status.facts import NEUTRAL
from aftercare.incidents.timeline import write_entry
from aftercare.kernel.errors import Refused

TITLE_AT_MOST = 200


@dataclass(frozen=True)
class PublicTitle:
    """What an incident is called in public; it must name no customer."""

    title: str
    title_zh: str


@transaction.atomic
def publish_incident(*, incident: Incident, title: PublicTitle, actor: User, now: datetime) -> PublicIncident:
    """Put the incident on the public page, or change what it is called there. No earlier update goes with it.

    Raises Refused without a title in both languages.
    """
    row = locked(incident)
    words = " ".join(title.title.split())[:TITLE_AT_MOST], " ".join(title.title_zh.split())[:TITLE_AT_MOST]
    if not all(words):
        raise Refused(_("Say in both languages what the public reads as its title; name no customer."))
    return put_up(row, *words, actor, now)


def put_up(incident: Incident, title: str, title_zh: str, actor: User | None, now: datetime) -> PublicIncident:
    """The publication, new or with these titles; the incident is locked."""
    known = PublicIncident.objects.filter(incident=incident).first()
    if known is not None and (known.title, known.title_zh) == (title, title_zh):
        return known
    publication, is_new = PublicIncident.objects.update_or_create(
        incident=incident,
        defaults={"title": title, "title_zh": title_zh},
        create_defaults={"title": title, "title_zh": title_zh, "published_by": actor, "at": now},
    )
    write_entry(incident, Kind.PUBLISHED, now=now, actor=actor, text=title, text_zh=title_zh)
    record("incident.put_up", incident, actor, {"title": title, "new": is_new}, now)
    return publication


@transaction.atomic
def withdraw_incident(*, incident: Incident, actor: User, now: datetime) -> None:
    """Take it off the public page with all its updates. Twice counts once."""
    row = held(incident.ref)
    publication = PublicIncident.objects.filter(incident=row).first() if row is not None else None
    if row is None or publication is None:
        return
    publication.delete()
    write_entry(row, Kind.WITHDRAWN, now=now, actor=actor)
    record("incident.withdraw", row, actor, {}, now)


@transaction.atomic
def publish_where_many(ref: str, now: datetime) -> bool:
    """Publish a red incident by itself, under a neutral title, once it touches as many customers as was set."""
    page = StatusPage.objects.filter(customer=None, is_open=True, publish_from__isnull=False).first()
    incident = held(ref) if page is not None else None
    if page is None or page.publish_from is None or incident is None:
        return False
    if incident.severity != Severity.RED or incident.resolved_at is not None:
        return False
    if PublicIncident.objects.filter(incident=incident).exists() or was_withdrawn(incident):
        return False
    if incident.customers.count() < page.publish_from:
        return False
    put_up(incident, *NEUTRAL, None, now)
    return True


def was_withdrawn(incident: Incident) -> bool:
    """Somebody took it off: the rule puts it up no more."""
    return incident.timeline.filter(kind=Kind.WITHDRAWN).exists()


def show_update(update: Update, *, public: PublicTitle | None, now: datetime) -> None:
    """The update stands on the pages of whom it is for, and with `public` on the public one under that title; the
    subscribers of these pages are told. In the update's own transaction. Raises Refused for an empty title.
    """
    pages = StatusPage.objects.filter(is_open=True)
    concerned = pages.filter(customer__in=update.tellings.values("customer"))
    if public is not None:
        publication = publish_incident(incident=update.incident, title=public, actor=update.author, now=now)
        PublicUpdate.objects.create(publication=publication, update=update)
        concerned = concerned | pages.filter(customer=None)
    heard = Subscription.objects.filter(confirmed_at__isnull=False).values("page")
    Broadcast.objects.bulk_create(Broadcast(page=page, update=update) for page in concerned.filter(pk__in=heard))
