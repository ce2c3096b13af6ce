"""Calling the green channel as a person who signs in, and what became of the call."""

from collections.abc import Callable
from datetime import datetime

from django.db.utils import OperationalError
from django.http import Http404

from aftercare.accounts.access import apps_for
from aftercare.accounts.models import App, Customer, User
from aftercare.desk.access import get_ticket_for
from aftercare.desk.actions import raise_emergency
from aftercare.desk.actions.emergency_by_phone import raise_for_caller
from aftercare.desk.emergency_facts import EmergencyView, get_view
from aftercare.desk.models import Emergency

TRIES = 3


def call_green(user: User, *, sentence: str, app: str, token: str, way: str, now: datetime) -> Emergency:
    """Raise the emergency; where the database ended it in favour of somebody else's transaction, try again."""
    customer = user.customer
    assert customer is not None  # noqa: S101 - every caller has asked
    found = apps_for(user).filter(ref=app.replace("\x00", "")).first() if app else only_app(user)

    def attempt() -> Emergency:
        return raise_emergency(
            customer=customer, app=found, sentence=sentence, caller=user, way=way, token=token, now=now
        )

    return tried_again(attempt)


def call_for_caller(
    user: User, *, customer: Customer, caller: str, sentence: str, token: str, now: datetime
) -> Emergency:
    """The same for somebody of the customer's who is on the phone, raised by one of the provider's people."""
    apps = list(apps_for(user).filter(customer=customer)[:2])
    app = apps[0] if len(apps) == 1 else None

    def attempt() -> Emergency:
        return raise_for_caller(
            customer=customer, app=app, sentence=sentence, caller=caller, token=token, actor=user, now=now
        )

    return tried_again(attempt)


def tried_again(attempt: Callable[[], Emergency]) -> Emergency:
    """The result of the first of TRIES attempts that no deadlock ended."""
    for _n in range(TRIES - 1):
        try:
            return attempt()
        except OperationalError:
            continue
    return attempt()


def only_app(user: User) -> App | None:
    """The customer's app where they have just one."""
    apps = list(apps_for(user)[:2])
    return apps[0] if len(apps) == 1 else None


def emergency_of(user: User, ref: str, now: datetime) -> EmergencyView:
    """The emergency of this ticket. Raises Http404 for strangers, and for tickets that are none."""
    ticket = get_ticket_for(user, ref)
    emergency = Emergency.objects.filter(ticket=ticket).select_related("answered_by", "downgraded_by").first()
    if emergency is None:
        raise Http404
    emergency.ticket = ticket
    return get_view(emergency, now)
