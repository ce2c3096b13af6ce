"""A customer calls by phone: a colleague raises the emergency in their name."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from aftercare.accounts.models import App, Customer, User
from aftercare.desk.actions.emergency import raise_emergency
from aftercare.desk.models import Contact, Emergency, Way

NAME_LENGTH = 120


@transaction.atomic
def raise_for_caller(
    *, customer: Customer, app: App | None, sentence: str, caller: str, token: str, actor: User, now: datetime
) -> Emergency:
    """The emergency that somebody of the customer's asks for on the phone; it is kept who raised it for whom.

    `caller` is the name or address that they give: a person of the customer's who signs in, where just one has it, else
    a contact. Nobody waits for it to be known.
    """
    who = caller_named(customer, caller, now)
    return raise_emergency(
        customer=customer,
        app=app,
        sentence=sentence,
        caller=who,
        way=Way.PHONE,
        token=token,
        raised_by=actor,
        now=now,
    )


def caller_named(customer: Customer, told: str, now: datetime) -> User | Contact:
    """Who is on the phone."""
    name = " ".join(told.replace("\x00", "").split())[:NAME_LENGTH] or _("Caller")
    people = User.objects.filter(Q(name__iexact=name) | Q(email__iexact=name), customer=customer, is_active=True)[:2]
    if len(people) == 1:
        return people[0]
    same = Contact.objects.filter(customer=customer, user=None, name=name, identities=None, chat_visitor=None)
    known = same.order_by("pk").first()
    return known or Contact.objects.create(customer=customer, name=name, language=customer.language, created_at=now)
