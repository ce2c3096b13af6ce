"""Drafting a change, wording it anew, and saying whom it touches."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.access import can
from aftercare.accounts.models import Customer, User
from aftercare.incidents.changes.noticing import drop_pending, plan_ahead, plan_once
from aftercare.incidents.changes.scope import affected
from aftercare.incidents.changes.story import held, record, write_step
from aftercare.incidents.changes.types import (
    DAYS_OFFERED,
    FARTHEST,
    LONGEST_WINDOW,
    NOTICE_DAYS,
    ChangeFacts,
    Texts,
)
from aftercare.incidents.models import (
    COMING,
    Change,
    ChangeCustomer,
    ChangeKind,
    ChangeState,
    NoticeKind,
    Risk,
)
from aftercare.kernel.errors import Refused

TEXT_AT_MOST = 5_000
TITLE_AT_MOST = 160


@transaction.atomic
def draft_change(*, facts: ChangeFacts, owner: User, token: str, now: datetime) -> Change:
    """A new draft, of which customers hear nothing yet. `token` is of the form: pressed twice it is one.

    Raises Refused for what cannot be carried out: see `check`.
    """
    known = Change.objects.filter(token=token).first()
    if known is not None:
        return known
    columns = check(facts, now)
    change = Change.objects.create(**columns, owner=owner, token=token, created_at=now)
    place(change, facts)
    write_step(change, "drafted", now=now, actor=owner)
    record("draft", change, owner, now, kind=change.kind, risk=change.risk)
    return change


@transaction.atomic
def edit_draft(*, change: Change, facts: ChangeFacts, version: int | None, actor: User, now: datetime) -> Change:
    """Everything anew, while it is a draft. Raises Refused as above, and for what was announced."""
    row = held(change, version)
    if row.state != ChangeState.DRAFT:
        raise Refused(_("It was announced: move its window, or change its texts."))
    for name, value in check(facts, now).items():
        setattr(row, name, value)
    row.version += 1
    row.save()
    place(row, facts)
    write_step(row, "edited", now=now, actor=actor)
    record("edit", row, actor, now)
    return row


@transaction.atomic
def reword(*, change: Change, texts: Texts, version: int | None, actor: User, now: datetime) -> Change:
    """Other texts for a change that has not begun; what customers were told stays told. Raises Refused."""
    row = held(change, version)
    if row.state not in (ChangeState.DRAFT, *COMING):
        raise Refused(_("It has begun or is over: its texts stay as they were."))
    for name, value in checked_texts(texts, row.risk).items():
        setattr(row, name, value)
    row.version += 1
    row.save()
    write_step(row, "edited", now=now, actor=actor)
    record("edit", row, actor, now)
    return row


def check(facts: ChangeFacts, now: datetime) -> dict[str, object]:
    """The columns of a change. Raises Refused with what is missing or cannot be."""
    if facts.kind not in ChangeKind.values:
        raise Refused(_("Choose what sort of work it is."))
    if facts.risk not in Risk.values:
        raise Refused(_("Choose how risky it is."))
    check_window(facts.starts_at, facts.ends_at, now)
    return {
        "kind": facts.kind,
        "risk": facts.risk,
        "timezone": facts.timezone,
        "starts_at": facts.starts_at,
        "ends_at": facts.ends_at,
        "notice_days": checked_days(facts.notice_days, facts.risk),
        "expects_alerts": facts.expects_alerts,
        **checked_texts(facts.texts, facts.risk),
    }


def check_window(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Raises Refused for a window that is no span ahead of us."""
    if ends_at <= starts_at:
        raise Refused(_("The window ends before it begins."))
    if ends_at - starts_at > LONGEST_WINDOW:
        raise Refused(_("A window is two weeks long at most. Make several changes of it."))
    if starts_at > now + FARTHEST:
        raise Refused(_("The window is more than a year away."))


def checked_days(days: Sequence[int] | None, risk: str) -> list[int]:
    """The days of notice, the earliest first; by the risk where none were said. Raises Refused."""
    if days is None:
        return list(NOTICE_DAYS[risk])
    if not set(days) <= set(DAYS_OFFERED):
        raise Refused(_("Notices go 14, 7, 3, 2 and 1 days before."))
    if not days and risk != Risk.LOW:
        raise Refused(_("A medium or high risk is announced to customers: choose at least one day of notice."))
    return sorted(set(days), reverse=True)


def checked_texts(texts: Texts, risk: str) -> dict[str, object]:
    """The texts as they are kept. Raises Refused."""
    kept = {
        name: str(getattr(texts, name)).replace("\x00", "").replace("\r\n", "\n").strip()
        for name in ("title", "title_zh", "plan", "feel", "feel_zh", "rollback")
    }
    title, title_zh = " ".join(kept["title"].split()), " ".join(kept["title_zh"].split())
    if not title and not title_zh:
        raise Refused(_("Say in a few words what is changed."))
    if not kept["plan"]:
        raise Refused(_("Write down what will be done."))
    if risk != Risk.LOW and not kept["rollback"]:
        raise Refused(_("A medium or high risk needs a plan to roll it back."))
    if any(len(text) > TEXT_AT_MOST for text in kept.values()):
        raise Refused(_("A text is longer than %(limit)s characters. Shorten it.") % {"limit": TEXT_AT_MOST})
    executor = texts.executor
    if executor is not None and not (executor.is_provider and can(executor, "act_on_incidents")):
        raise Refused(_("%(name)s may not act on incidents.") % {"name": executor.name})
    title = (title or title_zh)[:TITLE_AT_MOST]
    return {**kept, "title": title, "title_zh": title_zh[:TITLE_AT_MOST], "executor": executor}


def place(change: Change, facts: ChangeFacts) -> None:
    """Where it takes place, and whom it touches by that; what somebody said by hand stays."""
    change.resources.set(facts.resources)
    change.apps.set(facts.apps)
    change.customers.filter(by_hand=True, removed_at=None).delete()
    touch_affected(change, {one.pk for one in facts.customers})


def touch_affected(change: Change, named: set[int]) -> None:
    """Keep a row for each customer of the map, and for those who were named; of a draft, others go."""
    customers = list(Customer.objects.filter(pk__in=named))
    found = affected(list(change.resources.all()), list(change.apps.all()), customers)
    known = {row.customer_id: row for row in change.customers.all()}
    for pk, is_whole in found.items():
        row = known.pop(pk, None) or ChangeCustomer(change=change, customer_id=pk)
        row.is_whole, row.by_hand = is_whole, row.by_hand or pk in named
        row.save()
    for row in known.values():
        if not row.by_hand and row.removed_at is None:
            row.delete()


@transaction.atomic
def add_customer(*, change: Change, customer: Customer, actor: User, now: datetime) -> None:
    """It touches this customer, too; of an announced change the customer hears at once, or on its days. Twice is once.

    Raises Refused for a change that is over.
    """
    row = held(change)
    if row.is_ended:
        raise Refused(_("It is over."))
    touched = row.customers.filter(customer=customer).first() or ChangeCustomer(change=row, customer=customer)
    if touched.pk and touched.removed_at is None:
        return
    touched.by_hand = touched.is_whole = True
    touched.removed_at = None
    touched.save()
    if row.state == ChangeState.ANNOUNCED:
        plan_ahead(touched, row, now)
    write_step(row, "customer_added", now=now, actor=actor, customer=customer)
    record("customer_add", row, actor, now, customer)


@transaction.atomic
def remove_customer(*, change: Change, customer: Customer, actor: User, now: datetime) -> None:
    """It does not touch this customer; whoever was told of it hears that. Raises Refused for a change that is over."""
    row = held(change)
    if row.is_ended:
        raise Refused(_("It is over."))
    touched = row.customers.filter(customer=customer, removed_at=None).select_related("change").first()
    if touched is None:
        return
    touched.removed_at = now
    touched.save(update_fields=["removed_at"])
    drop_pending(row, now, touched)
    if touched.heard_at is not None:
        plan_once(touched, NoticeKind.FREED, now)
    write_step(row, "customer_removed", now=now, actor=actor, customer=customer)
    record("customer_remove", row, actor, now, customer)
