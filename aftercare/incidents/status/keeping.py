"""Which pages there are and what stands on them: what managers of the provider set."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from aftercare.accounts.models import Customer, User
from aftercare.audit import actions as audit
from aftercare.incidents.models import ComponentState, StatusComponent, StatusGroup, StatusPage
from aftercare.incidents.status.changes import mark, wake_engine
from aftercare.kernel.errors import Refused
from aftercare.telemetry.schema.catalog import METRICS

COMPONENTS_AT_MOST = 60
HISTORY = timedelta(days=90)


@dataclass(frozen=True)
class PublicFacts:
    """What the public page is called, in which zone its days are, and from how many customers on a red incident stands
    on it by itself (None: only when somebody puts it there).
    """

    name: str
    name_zh: str
    timezone: str
    publish_from: int | None = None


@dataclass(frozen=True)
class ComponentFacts:
    """A line of the pages: measured by a metric of the catalog, or (empty) set by people."""

    name: str
    name_zh: str
    metric: str = ""
    place: int = 1
    on_public: bool = True
    on_private: bool = True


@transaction.atomic
def save_public(*, facts: PublicFacts, actor: User | None, now: datetime) -> StatusPage:
    """Open the public page, or change it. Raises Refused without a name, or for a zone that is none."""
    name, name_zh = facts.name.strip()[:120], facts.name_zh.strip()[:120]
    if not name and not name_zh:
        raise Refused(_("Say what the public page is called."))
    try:
        ZoneInfo(facts.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Refused(_("“%(zone)s” is no time zone.") % {"zone": facts.timezone[:60]}) from None
    if facts.publish_from is not None and not 2 <= facts.publish_from <= 10_000:
        raise Refused(_("An incident is put on the public page by itself from 2 to 10,000 customers on."))
    values = {
        "name": name or name_zh,
        "name_zh": name_zh or name,
        "timezone": facts.timezone,
        "publish_from": facts.publish_from,
        "is_open": True,
    }
    page, _is_new = StatusPage.objects.update_or_create(
        customer=None, defaults=values, create_defaults={**values, "due_at": now}
    )
    written_anew(StatusPage.objects.filter(pk=page.pk), now)
    record("status.public", page, actor, now)
    return page


@transaction.atomic
def close_page(*, page: StatusPage, actor: User, now: datetime) -> None:
    """Its files go, and with them whoever has its address sees nothing; no group hears of it. Twice counts once."""
    if StatusPage.objects.filter(pk=page.pk, is_open=True).update(is_open=False):
        StatusGroup.objects.filter(group__customer=page.customer_id).delete()
        written_anew(StatusPage.objects.filter(pk=page.pk), now)
        record("status.close", page, actor, now)


@transaction.atomic
def open_private(*, customer: Customer, actor: User | None, now: datetime) -> StatusPage:
    """A customer's own page, at an address that only they are told; one that was closed gets a new address."""
    page = StatusPage.objects.select_for_update(of=("self",)).filter(customer=customer).first()
    if page is not None and page.is_open:
        return page
    if page is None:
        page = StatusPage.objects.create(customer=customer, due_at=now)
    else:
        page.edition, page.is_open = page.edition + 1, True
        page.save(update_fields=["edition", "is_open"])
    written_anew(StatusPage.objects.filter(pk=page.pk), now)
    record("status.open", page, actor, now)
    return page


@transaction.atomic
def renew_address(*, page: StatusPage, actor: User, now: datetime) -> StatusPage:
    """Another address for a private page: the old one is worthless, and its subscribers hear nothing more."""
    row = StatusPage.objects.select_for_update(of=("self",)).select_related("customer").get(pk=page.pk)
    if row.customer_id is None:
        raise Refused(_("The public page's address is everybody's."))
    row.edition += 1
    row.save(update_fields=["edition"])
    written_anew(StatusPage.objects.filter(pk=row.pk), now)
    record("status.renew", row, actor, now)
    return row


@transaction.atomic
def add_component(*, facts: ComponentFacts, actor: User | None, now: datetime) -> StatusComponent:
    """Another line of the pages; its 90 days are counted from what is kept. Raises Refused."""
    name, name_zh = facts.name.strip()[:60], facts.name_zh.strip()[:60]
    if not name and not name_zh:
        raise Refused(_("Say what the component is called."))
    if facts.metric and facts.metric not in METRICS:
        raise Refused(_("There is no such metric in the catalog."))
    if StatusComponent.objects.count() >= COMPONENTS_AT_MOST:
        raise Refused(_("There are %(most)d components, the most there can be.") % {"most": COMPONENTS_AT_MOST})
    component = StatusComponent.objects.create(
        name=name or name_zh,
        name_zh=name_zh or name,
        metric=facts.metric,
        place=facts.place,
        on_public=facts.on_public,
        on_private=facts.on_private,
        measured_until=now - HISTORY if facts.metric else now,
        measure_at=now,
    )
    written_anew(StatusPage.objects.all(), now)
    note(actor, "status.component", component.ref, {"name": component.name, "metric": component.metric}, now)
    return component


@transaction.atomic
def say_state(*, component: StatusComponent, state: str, actor: User, now: datetime) -> None:
    """How a component that nobody measures is. Raises Refused for one that is measured, and for no state."""
    if component.metric:
        raise Refused(_("What is measured says for itself how it is."))
    if state not in ComponentState.values:
        raise Refused(_("Choose how it is."))
    StatusComponent.objects.filter(pk=component.pk).update(said=state, measure_at=now)
    written_anew(StatusPage.objects.all(), now)
    note(actor, "status.say", component.ref, {"state": state}, now)


@transaction.atomic
def remove_component(*, component: StatusComponent, actor: User, now: datetime) -> None:
    """The line goes with its history."""
    note(actor, "status.component_remove", component.ref, {"name": component.name}, now)
    component.delete()
    written_anew(StatusPage.objects.all(), now)


def customers_without() -> QuerySet[Customer]:
    """The customers that have no open page."""
    return Customer.objects.exclude(pk__in=StatusPage.objects.filter(is_open=True).values("customer")).order_by("name")


def written_anew(pages: QuerySet[StatusPage], now: datetime) -> None:
    """The files follow once this commits."""
    mark(pages, now)
    wake_engine()


def record(action: str, page: StatusPage, actor: User | None, now: datetime) -> None:
    """The audit row of a page."""
    audit.record(
        actor=actor, action=action, subject=page.ref, customer_id=page.customer_id, detail={"n": page.edition}, now=now
    )


def note(actor: User | None, action: str, subject: str, detail: dict[str, object], now: datetime) -> None:
    """The audit row of a component."""
    audit.record(actor=actor, action=action, subject=subject, customer_id=None, detail=detail, now=now)
