"""What is to be done before the event: the checklist, what vendors must be told, and the list that all begin with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.access import can
from aftercare.accounts.models import Customer, User
from aftercare.audit import actions as audit
from aftercare.incidents.assurance.log import live, record
from aftercare.incidents.models import Assurance, AssuranceItem, ChecklistLine
from aftercare.kernel.errors import Refused

ITEMS_AT_MOST = 200
LINES_AT_MOST = 60


@dataclass(frozen=True)
class Line:
    """One line of the list that all checklists begin with; `days_before` the event it is due."""

    title: str
    title_zh: str
    days_before: int
    is_customers: bool = False


# What providers' own event guides ask for, in the order in which it is done; a manager rewrites it on its page.
USUAL = (
    Line("Expected peak, apps and regions confirmed with the customer", "与客户确认预期峰值、应用与地区", 14, True),
    Line(
        "Capacity checked against the expected peak, quota raised where needed",
        "按预期峰值核对容量，必要时提升配额",
        10,
    ),
    Line("Contact list of both sides and the war room", "双方联系人名单与作战室", 7),
    Line("Domains, certificates and stream keys valid beyond the event", "域名、证书、推流密钥在活动期间有效", 7),
    Line(
        "Encoder settings agreed: resolution, bitrate, keyframe interval",
        "确认编码参数：分辨率、码率、关键帧间隔",
        5,
        True,
    ),
    Line("Backup stream and backup encoder set up and tried", "备用流与备用编码器就绪并验证切换", 5, True),
    Line("Client release frozen", "客户端版本封版", 4, True),
    Line("Rehearsal on the real path, at scale", "全链路演练（含压测）", 3),
    Line("Runbooks for a lost stream, a bad edge and overload at hand", "断流、边缘异常、过载的预案就位", 3),
    Line("CDN preheating ordered", "CDN 预热已提交", 2),
    Line("Alert rules for the event looked through", "活动期间告警规则已核对", 2),
    Line("People on duty have confirmed", "值守人员已确认到岗", 1),
)


def checklist_lines() -> Sequence[Line]:
    """The list that a new assurance begins with: as a manager wrote it, else the usual one."""
    own = [Line(one.title, one.title_zh, one.days_before, one.is_customers) for one in ChecklistLine.objects.all()]
    return own or USUAL


@transaction.atomic
def save_checklist(*, lines: Sequence[Line], actor: User, now: datetime) -> None:
    """Let new assurances begin with these lines; with none, with the usual ones. Raises Refused for too many."""
    if len(lines) > LINES_AT_MOST:
        raise Refused(_("A checklist has %(limit)s lines at most.") % {"limit": LINES_AT_MOST})
    ChecklistLine.objects.all().delete()
    ChecklistLine.objects.bulk_create(ChecklistLine(place=place, **vars(line)) for place, line in enumerate(lines))
    audit.record(
        actor=actor,
        action="assurance.checklist",
        subject="checklist",
        customer_id=None,
        detail={"lines": len(lines)},
        now=now,
    )


def copy_checklist(assurance: Assurance, now: datetime) -> None:
    """The list as items of this assurance. What is the customer's is theirs where there is one customer alone."""
    customers = list(assurance.customers.values_list("customer_id", flat=True))
    alone = customers[0] if len(customers) == 1 else None
    AssuranceItem.objects.bulk_create(
        new_item(
            assurance,
            title=line.title,
            title_zh=line.title_zh,
            due_at=due_of(assurance, line, now),
            customer_id=alone if line.is_customers else None,
            owner=assurance.lead if not (line.is_customers and alone) else None,
            now=now,
        )
        for line in checklist_lines()
    )


def due_of(assurance: Assurance, line: Line, now: datetime) -> datetime:
    """When a line is due; of an event planned late, within a day, and before it begins."""
    wished = assurance.starts_at - timedelta(days=line.days_before)
    return max(wished, min(now + timedelta(days=1), assurance.starts_at))


def new_item(assurance: Assurance, *, due_at: datetime, now: datetime, **more: object) -> AssuranceItem:
    """An unsaved item that is asked after when it is due; one that is late from the start, in a day."""
    remind_at = due_at if due_at > now else min(now + timedelta(days=1), assurance.starts_at)
    return AssuranceItem(assurance=assurance, due_at=due_at, remind_at=remind_at, **more)


@transaction.atomic
def add_item(
    *,
    assurance: Assurance,
    title: str,
    vendor: str = "",
    owner: User | None,
    customer: Customer | None = None,
    due_at: datetime,
    actor: User,
    now: datetime,
) -> AssuranceItem:
    """Something more to be done, or to be told to `vendor`. Raises Refused where it is empty or one too many, for
    somebody who may not act on incidents, and for a customer whose event it is not.
    """
    row = live(assurance)
    title = " ".join(title.replace("\x00", "").split())[:200]
    if not title:
        raise Refused(_("Say what is to be done."))
    check_owner(row, owner, customer)
    if row.items.count() >= ITEMS_AT_MOST:
        raise Refused(_("An assurance has %(limit)s things to do at most.") % {"limit": ITEMS_AT_MOST})
    vendor = " ".join(vendor.replace("\x00", "").split())[:80]
    item = new_item(row, title=title, vendor=vendor, owner=owner, customer=customer, due_at=due_at, now=now)
    item.save()
    record("assurance.item", row, actor, {"item": item.pk}, now)
    return item


@transaction.atomic
def finish_item(*, assurance: Assurance, item_id: int, note: str = "", actor: User, now: datetime) -> None:
    """It is done, with a note or where the proof of it is. Twice counts once.

    Raises Refused for an item of another assurance, a vendor told without a note, and what is not a customer's.
    """
    row = live(assurance)
    item = row.items.filter(pk=item_id).first()
    if item is None or (actor.customer_id is not None and item.customer_id != actor.customer_id):
        raise Refused(_("This is no longer on the list."))
    if item.done_at is not None:
        return
    note = " ".join(note.replace("\x00", "").split())[:500]
    if item.vendor and not note:
        raise Refused(_("Say how the vendor was told and what they answered: a ticket number, a name, a link."))
    item.done_at, item.done_by, item.note, item.remind_at = now, actor, note, None
    item.save(update_fields=["done_at", "done_by", "note", "remind_at"])
    record("assurance.item_done", row, actor, {"item": item.pk}, now)


@transaction.atomic
def open_item(*, assurance: Assurance, item_id: int, actor: User, now: datetime) -> None:
    """It was not done after all: it is asked after again. Raises Refused for an item of another assurance."""
    row = live(assurance)
    item = row.items.filter(pk=item_id).first()
    if item is None:
        raise Refused(_("This is no longer on the list."))
    item.done_at = item.done_by = None
    item.remind_at = max(item.due_at, now + timedelta(hours=1))
    item.save(update_fields=["done_at", "done_by", "remind_at"])
    record("assurance.item_open", row, actor, {"item": item.pk}, now)


@transaction.atomic
def give_item(
    *, assurance: Assurance, item_id: int, owner: User | None, customer: Customer | None, actor: User, now: datetime
) -> None:
    """Let somebody else do it. Raises Refused as `add_item` does."""
    row = live(assurance)
    check_owner(row, owner, customer)
    if not row.items.filter(pk=item_id).update(owner=owner, customer=customer):
        raise Refused(_("This is no longer on the list."))
    record("assurance.item_owner", row, actor, {"item": item_id, "owner": owner.ref if owner else ""}, now)


def check_owner(assurance: Assurance, owner: User | None, customer: Customer | None) -> None:
    """Raise Refused for somebody who cannot do it."""
    if owner is not None and not (owner.is_active and owner.is_provider and can(owner, "see_customers")):
        raise Refused(_("Choose one of our own people."))
    if customer is not None and not assurance.customers.filter(customer=customer).exists():
        raise Refused(_("It is not this customer's event."))
