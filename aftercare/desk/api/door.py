"""Who may call what: the walls that every part of the desk's API stands behind, the same as the pages'."""

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from aftercare.accounts.access import people_for, person, provider_with, require
from aftercare.accounts.models import User
from aftercare.desk.access import get_group_for, get_ticket_for
from aftercare.desk.models import Group, Ticket
from aftercare.kernel.errors import Refused
from aftercare.kernel.signing import fingerprint

LONGEST_KEY = 200


def replier(request: HttpRequest, ref: str) -> tuple[User, Ticket]:
    """The caller and a ticket that exists for them; 403 for one who only reads."""
    user = person(request)
    ticket = get_ticket_for(user, ref)
    require(user, "reply_to_tickets")
    return user, ticket


def handler(request: HttpRequest, ref: str) -> tuple[User, Ticket]:
    """The same for what only the provider does; 404 for a customer's people."""
    user, ticket = replier(request, ref)
    if not user.is_provider:
        raise Http404
    return user, ticket


def asker(request: HttpRequest, ref: str) -> tuple[User, Ticket]:
    """The same for what only the customer's people do; 404 for the provider's."""
    user, ticket = replier(request, ref)
    if user.is_provider:
        raise Http404
    return user, ticket


def staff(request: HttpRequest, capability: str = "reply_to_tickets") -> User:
    """One of the provider's people; 404 for customers' people, 403 without the capability."""
    return provider_with(request, capability)


def speaker(request: HttpRequest, ref: str) -> tuple[User, Group]:
    """Somebody of ours who may speak in a group; 404 for customers' people, who do so in their own app."""
    user = person(request)
    group = get_group_for(user, ref)
    require(user, "reply_to_tickets")
    if not user.is_provider:
        raise Http404
    return user, group


def colleague(user: User, ref: str | None) -> User | None:
    """One of the provider's people by ref, None for none. Raises Refused for anybody else."""
    if not ref:
        return None
    found = people_for(user).filter(ref=ref[:16], customer__isnull=True, is_active=True).first()
    if found is None:
        raise Refused(_("Choose a colleague who can still sign in."))
    return found


def kept_key(user: User, about: str, key: str) -> str | None:
    """An idempotency key as it is kept: nobody else's key can be met by guessing. Raises Refused for an endless one."""
    if not key:
        return None
    if len(key) > LONGEST_KEY:
        raise Refused(_("An idempotency key has at most %(most)s characters.") % {"most": LONGEST_KEY})
    return f"api:{fingerprint(f'{user.ref} {about} {key}')}"
