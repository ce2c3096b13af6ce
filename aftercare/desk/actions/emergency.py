"""The green channel: one sentence wakes the on-call and opens a war room. It works for every customer, at any hour.

Locks are taken in the order customer, page, ticket, emergency, clock; acknowledging begins at the page.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftercare.accounts.models import App, Customer, User
from aftercare.audit import actions as audit
from aftercare.clocks import actions as clocks
from aftercare.clocks.types import Policy
from aftercare.desk import notices
from aftercare.desk.actions.emergency_rules import has_just_called, running_emergency, wakes_again
from aftercare.desk.actions.locking import BODY_LIMIT
from aftercare.desk.actions.opening import open_ticket
from aftercare.desk.actions.speaking import person_of
from aftercare.desk.actions.talking import reply, tell_ticket
from aftercare.desk.models import (
    Contact,
    Emergency,
    EmergencyCall,
    EventKind,
    Group,
    Message,
    PageWish,
    Severity,
    Ticket,
    TicketEvent,
    Way,
)
from aftercare.oncall import actions as oncall
from aftercare.oncall.models import Page, PageState
from aftercare.oncall.models import Severity as Loudness
from aftercare.oncall.queries import on_duty
from aftercare.web.languages import in_both

GREEN_ANSWER = "green_answer"
ANSWER_WITHIN_S = 300  # of every customer and every plan, around the clock
TITLE_LENGTH = 120
TOKEN_LENGTH = 64
NO_WORDS = gettext_lazy("Emergency call without words")


@transaction.atomic
def raise_emergency(
    *,
    customer: Customer,
    app: App | None,
    sentence: str,
    caller: User | Contact | None,
    way: str,
    token: str = "",
    group: Group | None = None,
    first: Message | None = None,
    raised_by: User | None = None,
    now: datetime,
) -> Emergency:
    """Open a war room and wake the on-call, or join the one that is going on; never refused.

    A customer has one running emergency: further calls are words in it. They wake again when nobody has been woken, has
    acknowledged or has spoken for ten minutes, or when they name another app. A `token` that was here already, or the
    same words of the same caller within a minute, change nothing. `first` is the group's message that called;
    `raised_by` the colleague who calls in the name of a `caller` on the phone.
    """
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)  # calls of one customer one after the other
    token = token.encode(errors="replace").decode().replace("\x00", "")[:TOKEN_LENGTH]
    known = EmergencyCall.objects.filter(customer=customer, token=token).first() if token else None
    if known is not None:
        return known.emergency
    if app is not None and app.customer_id != customer.pk:
        app = None  # somebody else's app is no reason to let anybody wait
    sentence = sentence.encode(errors="replace").decode().replace("\x00", "").strip()[:BODY_LIMIT]
    running = running_emergency(customer, now)
    if running is None:
        emergency = open_emergency(customer, app, sentence, caller, way, group, first, raised_by, now)
        keep_call(emergency, caller, way, token, app, raised_by, is_waking=True, now=now)
        return emergency
    is_again = has_just_called(running, caller, sentence, now)
    wakes = wakes_again(running, app, now)
    if not is_again:
        add_words(running.ticket, caller, sentence, way, first, now)
        happened(running.ticket, EventKind.CALLED, now, **said_by(caller, raised_by), way=way, again=True)
    if wakes:
        wake(running, now)
    keep_call(running, caller, way, token, app, raised_by, is_waking=wakes, now=now)
    return running


def open_emergency(
    customer: Customer,
    app: App | None,
    sentence: str,
    caller: User | Contact | None,
    way: str,
    group: Group | None,
    first: Message | None,
    raised_by: User | None,
    now: datetime,
) -> Emergency:
    """The war room, its page and its clock, all in one breath."""
    words, words_zh = (sentence, "") if sentence else in_both(lambda: str(NO_WORDS))
    ticket = open_ticket(
        customer_id=customer.pk,
        app_id=app.pk if app else None,
        title=" ".join(words.split())[:TITLE_LENGTH] or "—",
        title_zh=words_zh,
        severity=Severity.P1,
        body=words,
        body_zh=words_zh,
        opened_by=caller,
        way=Way.GREEN,
        group=group,
        first=first,
        now=now,
    )
    emergency = Emergency.objects.create(ticket=ticket, customer=customer, opened_at=now, woken_at=now)
    happened(ticket, EventKind.CALLED, now, **said_by(caller, raised_by), way=way)
    audit.record(
        actor=raised_by or person_of(caller),
        action="emergency.raise",
        subject=ticket.ref,
        customer_id=customer.pk,
        detail={
            "way": way,
            "app": app.ref if app else "",
            "number": ticket.number,
            **({"for": caller.ref} if raised_by and caller else {}),
        },
        now=now,
    )
    wake(emergency, now)
    return emergency


def wake(emergency: Emergency, now: datetime) -> None:
    """Start the page, or pass a page that somebody took long ago on to the next; and start the clock of the answer."""
    ticket = emergency.ticket
    page = oncall.hold_page(subject_ref=ticket.ref)
    if page is not None and emergency.page_wish == PageWish.CLOSE:
        oncall.close_page(subject_ref=ticket.ref, now=now)
        page = None
    if page is None:
        started = start_page(ticket, now)
        tell_who_is_woken(emergency, started, now)
    elif page.state == PageState.ACKNOWLEDGED:
        oncall.escalate_page(page=page, user=None, reason="The customer called again.", now=now)
    emergency.woken_at, emergency.page_wish = now, PageWish.NONE
    emergency.save(update_fields=["woken_at", "page_wish", "is_unattended"])
    policy = Policy(ANSWER_WITHIN_S)
    clocks.start(kind=GREEN_ANSWER, subject_ref=ticket.ref, customer_id=emergency.customer_id, policy=policy, at=now)


def start_page(ticket: Ticket, now: datetime) -> Page:
    """Wake the first step's people, as loud as a page can be."""
    said, said_zh = in_both(lambda: _("Emergency, %(customer)s: %(words)s") % words_of(ticket))
    return oncall.start_page(
        subject_ref=ticket.ref,
        severity=Loudness.RED,
        title=said,
        title_zh=said_zh,
        url_path=f"/tickets/{ticket.ref}",
        customer_id=ticket.customer_id,
        now=now,
    )


def words_of(ticket: Ticket) -> dict[str, str]:
    """What the page's title needs, in the language that is active."""
    return {"customer": ticket.customer.display_name, "words": ticket.display_title}


def tell_who_is_woken(emergency: Emergency, page: Page, now: datetime) -> None:
    """Say to the caller, honestly, who is being woken; also when nobody is on call."""
    people = list(dict.fromkeys(notice.user for notice in page.notices.select_related("user")))
    names = [person.name for person in people]
    duty = on_duty(now)
    if any(person in duty for person in people):
        said = in_both(
            lambda: (
                _("We are waking %(people)s now. You will read here when they have it.")
                % {"people": _(", ").join(names)}
            )
        )
    else:
        emergency.is_unattended = True
        happened(emergency.ticket, EventKind.UNATTENDED, now, people=names)
        said = in_both(lambda: unattended_sentence(names))
    tell_ticket(ticket=emergency.ticket, body=said[0], body_zh=said[1], now=now)


def unattended_sentence(names: list[str]) -> str:
    """What the caller reads when nobody is on call."""
    if not names:
        return _("Nobody is on call now and we could not reach anybody in their place. Please phone us as well.")
    said = _("Nobody is on call now. We have told everyone who leads the service: %(people)s.")
    return said % {"people": _(", ").join(names)}


def add_words(
    ticket: Ticket, caller: User | Contact | None, sentence: str, way: str, first: Message | None, now: datetime
) -> None:
    """The words of a further call become part of the war room."""
    if first is not None:  # said in a group already: it is the same message, and the group is locked by who hears it
        Message.objects.filter(pk=first.pk, ticket=None).update(ticket=ticket)
        notices.tell_of_message(ticket, first, now=now)
    elif caller is not None:
        words = sentence or str(NO_WORDS)
        reply(ticket=ticket, author=caller, body=words, way=way, now=now)


def keep_call(
    emergency: Emergency,
    caller: User | Contact | None,
    way: str,
    token: str,
    app: App | None,
    raised_by: User | None,
    *,
    is_waking: bool,
    now: datetime,
) -> None:
    """Count the press: misuse is seen, not stopped."""
    EmergencyCall.objects.create(
        emergency=emergency,
        customer_id=emergency.customer_id,
        at=now,
        way=way,
        token=token or None,
        user=person_of(caller),
        contact=caller if isinstance(caller, Contact) else None,
        app=app,
        raised_by=raised_by,
        is_waking=is_waking,
    )


def said_by(caller: User | Contact | None, raised_by: User | None = None) -> dict[str, Any]:
    """Who called, and who of ours wrote it down, for a line of the thread."""
    by = {"by": raised_by.name} if raised_by else {}
    return {"actor": person_of(caller), "who": caller.name if caller else "", **by}


def happened(ticket: Ticket, kind: EventKind, now: datetime, *, actor: User | None = None, **data: object) -> None:
    """One line of the thread; it locks nothing."""
    TicketEvent.objects.create(ticket=ticket, at=now, kind=kind, actor=actor, data=data)
