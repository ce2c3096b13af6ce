"""Taking the timed steps of tickets, and reminding whoever is to phone a customer.

One step is one transaction: what it causes and its end exist together or not at all. Tickets are locked before their
steps, as people's writes do. A step that comes late (we were down, the clock jumped) never skips the notice before it.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from aftercare.desk import life, notices
from aftercare.desk.actions import close_ticket, tell_ticket
from aftercare.desk.models import CallBack, LifeKind, LifeStep, Status, Ticket

log = logging.getLogger(__name__)

AT_ONCE = 200
LOOKED_AT = 20
PUT_OFF = timedelta(minutes=5)


def take_life_steps(now: datetime) -> int:
    """Take what is due; returns how many. Any number of processes may call it."""
    taken = 0
    while taken < AT_ONCE:
        step_id = None
        try:
            with transaction.atomic():
                step = next_due(now)
                if step is None:
                    return taken
                step_id = step.pk
                take(step, now)
                step.done_at = now
                step.save(update_fields=["done_at"])
        except Exception:
            if step_id is None:
                raise
            log.exception("life step %s: it failed; put off", step_id)
            LifeStep.objects.filter(pk=step_id, done_at=None).update(due_at=now + PUT_OFF)
        taken += 1
    return taken


def next_due(now: datetime) -> LifeStep | None:
    """The step that has been due longest, it and its ticket locked; those that others hold are passed over."""
    due = LifeStep.objects.filter(done_at=None, due_at__lte=now).order_by("due_at", "id")
    for pk, ticket_id in due.values_list("pk", "ticket_id")[:LOOKED_AT]:
        ticket = Ticket.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=ticket_id).first()
        if ticket is None:
            continue
        step = due.select_for_update(skip_locked=True).filter(pk=pk).first()
        if step is not None:
            step.ticket = ticket
            return step
    return None


def take(step: LifeStep, now: datetime) -> None:
    """What this step does, where it still makes sense."""
    ticket = step.ticket
    if step.kind == LifeKind.REMIND and ticket.status == Status.WAITING_CUSTOMER:
        body, body_zh = in_both(remind_words, ticket, now)
        tell_ticket(ticket=ticket, body=body, body_zh=body_zh, now=now)
    elif step.kind == LifeKind.NOTICE and ticket.status == Status.SOLVED:
        silence = life.close_after()
        if silence is None:  # the setting was changed since
            return
        closes_at = max((ticket.solved_at or now) + silence, now + life.NOTICE_BEFORE)
        life.plan(ticket, LifeKind.CLOSE, closes_at)
        body, body_zh = in_both(notice_words, ticket, closes_at)
        tell_ticket(ticket=ticket, body=body, body_zh=body_zh, now=now)
    elif step.kind == LifeKind.CLOSE and ticket.status == Status.SOLVED and life.close_after() is not None:
        step.done_at = now  # before `close_ticket` calls off what still waits
        step.save(update_fields=["done_at"])
        close_ticket(ticket=ticket, user=None, now=now)


def in_both(words: Callable[[datetime], str], ticket: Ticket, at: datetime) -> tuple[str, str]:
    """The words in English and in Chinese, times in the customer's zone."""
    with timezone.override(ticket.customer.timezone):
        said = []
        for language in ("en", "zh-hans"):
            with translation.override(language):
                said.append(words(at))
    return said[0], said[1]


def remind_words(_at: datetime) -> str:
    """We cannot go on without the customer."""
    return _("We need your answer to go on with this. If it has settled itself, say so here and we close it.")


def notice_words(closes_at: datetime) -> str:
    """The last call before it closes."""
    until = f"{date_format(timezone.localtime(closes_at), 'Y-m-d H:i')} ({timezone.get_current_timezone_name()})"
    return _(
        "This was marked solved and nobody has written since. It closes by itself on %(until)s. If it is not over, "
        "answer here and it opens again."
    ) % {"until": until}


def remind_of_calls(now: datetime) -> int:
    """Tell the owners of call-backs that are due, once each; without an owner everybody who answers hears."""
    told = 0
    while told < AT_ONCE:
        with transaction.atomic():
            due = CallBack.objects.select_for_update(skip_locked=True, of=("self",))
            due = due.select_related("ticket__customer", "owner").filter(done_at=None, reminded_at=None)
            call = due.filter(due_at__lte=now).order_by("due_at", "id").first()
            if call is None:
                return told
            people = [call.owner] if call.owner and call.owner.is_active else list(notices.agents())
            notices.push_to(people, call.ticket, partial(call_words, call), now=now)
            call.reminded_at = now
            call.save(update_fields=["reminded_at"])
        told += 1
    return told


def call_words(call: CallBack) -> tuple[str, str]:
    """Whom to phone, and why."""
    values = {"customer": call.ticket.customer.display_name, "number": call.ticket.number}
    return _("Call %(customer)s back about #%(number)s") % values, call.note or call.ticket.display_title
