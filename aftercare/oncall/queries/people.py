"""Who may take pages, and which of them somebody means by a name."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.accounts.queries.people import list_staff_with
from aftercare.kernel.errors import Refused

NAMED = 5  # people that a refusal names


def takers() -> "QuerySet[User]":
    """Everyone of the provider's who may take pages, by name."""
    return list_staff_with("acknowledge_pages").order_by("name", "pk")


def taker_named(said: str, *, besides: User) -> User:
    """The colleague with this ref, this name, or the one whose name or mail address begins so. `besides` cannot be
    meant. Raises Refused with the names that come near.
    """
    everyone = [person for person in takers() if person != besides]
    wanted = " ".join(said.split()).casefold()
    exact = [person for person in everyone if said == person.ref or wanted == person.name.casefold()]
    near = exact or [person for person in everyone if wanted and any(part.startswith(wanted) for part in parts(person))]
    if len(near) == 1:
        return near[0]
    names = ", ".join(person.name for person in (near or everyone)[:NAMED])
    if near:
        raise Refused(_("Several people are called so: %(names)s. Say the whole name.") % {"names": names})
    raise Refused(
        _("Nobody who takes pages is called “%(said)s”. Try one of: %(names)s.") % {"said": said[:40], "names": names}
    )


def parts(person: User) -> list[str]:
    """What somebody may be called by: their name, its parts, their mail address."""
    name = person.name.casefold()
    return [name, *name.split(), person.email.casefold()]
