"""Reads that other rooms use."""

from aftercare.accounts.models import User
from aftercare.notify.models import Channel, ContactMethod


def usable_contacts(user: User) -> list[ContactMethod]:
    """The enabled and confirmed ways to reach a person.

    The console's push is always among them unless the person switched it off; its row is unsaved where it is only
    implied.
    """
    kept = list(ContactMethod.objects.filter(user=user))
    usable = [c for c in kept if c.enabled and c.verified]
    if not any(c.channel == Channel.PUSH for c in kept):
        usable.insert(0, ContactMethod(user=user, channel=Channel.PUSH, enabled=True, verified=True))
    return usable


def people_without_contacts(people: list[User]) -> list[User]:
    """Those of `people` whom nothing but an open console page would reach."""
    reached = set(
        ContactMethod.objects.filter(user__in=people, enabled=True, verified=True)
        .exclude(channel=Channel.PUSH)
        .values_list("user_id", flat=True)
    )
    return [person for person in people if person.pk not in reached]
