"""Whom a risk can be given to, and how people are named to a reader who may not see them."""

from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.watch.models import Risk, RiskRule
from aftercare.watch.risks.queries import owners_for

KEEP = "keep"


def name_for(reader: User, somebody: User | None) -> str:
    """A person's name; to a customer's people the provider's are one."""
    if somebody is None:
        return ""
    if not reader.is_provider and somebody.is_provider:
        return _("The provider")
    return somebody.name


def owner_choices(reader: User, owned: Risk | RiskRule | None) -> list[tuple[str, str]]:
    """Nobody, everybody that the reader can give it to, and who has it now where the reader may not see them."""
    owner = owned.owner if owned is not None else None
    people = list(owners_for(reader, owned))
    choices = [("", _("nobody")), *((one.ref, one.name) for one in people)]
    if owner is not None and owner not in people:
        choices.append((KEEP, name_for(reader, owner)))
    return choices


def owner_value(reader: User, owned: Risk | RiskRule) -> str:
    """The choice that stands for the owner now."""
    if owned.owner is None:
        return ""
    known = dict(owner_choices(reader, owned))
    return owned.owner.ref if owned.owner.ref in known else KEEP


def chosen_owner(reader: User, owned: Risk | RiskRule | None, choice: str) -> User | None:
    """The person of a choice; None for nobody."""
    if choice == KEEP and owned is not None:
        return owned.owner
    return owners_for(reader, owned).filter(ref=choice).first() if choice else None
