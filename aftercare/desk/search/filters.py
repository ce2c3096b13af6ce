"""What a search can be narrowed by: `customer:`, `status:`, `before:` and the others, each as a clause of SQL."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, TypeAlias

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from aftercare.accounts.access import customers_for
from aftercare.accounts.models import User
from aftercare.desk.models import Severity, Status, Way
from aftercare.desk.search.tokens import FILE, TAG, folded

Clause: TypeAlias = tuple[str, list[Any]]
TOKEN = "tokens"  # noqa: S105 (a clause that is a token to look up, not SQL)
NOTHING: Clause = ("false", [])  # a misspelt name must not find everything
NEAR_AT_MOST = 50
HOLDING_AT_MOST = 1000


def clause_of(troubles: list[str], name: str, value: str, user: User) -> Clause | None:
    """The clause of one filter; None, with a sentence in `troubles`, when its value makes no sense."""
    match name:
        case "customer":
            return customers_called(troubles, value, user)
        case "assignee":
            return people_called(troubles, value, user)
        case "status":
            return chosen(troubles, "status", value, {**choices(Status.choices), "waiting": "waiting_customer"})
        case "severity":
            return chosen(troubles, "severity", value, {one.lower(): one for one in Severity.values})
        case "way":
            return chosen(troubles, "way", value, choices(Way.choices))
        case "has":
            if value in ("attachment", "attachments", "file", "files", "附件", "文件"):
                return TOKEN, [FILE]
            troubles.append(_("Write has:attachment for conversations with files."))
            return None
        case "tag":
            return TOKEN, [TAG + value]
        case _:
            return days(troubles, name, value)


def customers_called(troubles: list[str], value: str, user: User) -> Clause:
    """The customer of exactly this name or ref, else those whose names hold it."""
    known = customers_for(user).order_by()
    exact = known.filter(Q(name__iexact=value) | Q(name_zh__iexact=value) | Q(ref=value))
    holding = known.filter(Q(name__icontains=value) | Q(name_zh__icontains=value))
    near = list(exact.values_list("pk", flat=True)) or list(holding.values_list("pk", flat=True)[:HOLDING_AT_MOST])
    if near:
        return "customer_id = any(%s)", [near]
    troubles.append(_("No customer is called “%(value)s”.") % {"value": value})
    return NOTHING


def people_called(troubles: list[str], value: str, user: User) -> Clause:
    """`me`, `none`, or our people whose names hold it."""
    if value in ("none", "nobody", "无"):
        return "(assignee_id is null and kind = 1)", []
    if value in ("me", "我"):
        return "assignee_id = %s", [user.pk]
    people = User.objects.filter(customer=None, name__icontains=value).values_list("pk", flat=True)
    near = list(people[:NEAR_AT_MOST])
    if near:
        return "assignee_id = any(%s)", [near]
    troubles.append(_("Nobody of ours is called “%(value)s”.") % {"value": value})
    return NOTHING


def choices(pairs: Sequence[tuple[Any, Any]]) -> dict[str, str]:
    """Choices by their value and by their words in the reader's language."""
    return {key: str(value) for value, label in pairs for key in (str(value), folded(str(label)))}


def chosen(troubles: list[str], column: str, value: str, known: dict[str, str]) -> Clause | None:
    """A filter with a fixed set of values."""
    if value in known:
        return f"{column} = %s", [known[value]]
    sentence = _("“%(value)s” is not one of: %(known)s.")
    troubles.append(sentence % {"value": value, "known": ", ".join(dict.fromkeys(known.values()))})
    return None


def days(troubles: list[str], name: str, value: str) -> Clause | None:
    """Opened before a day began, or after it ended, in the reader's zone."""
    try:
        day = date.fromisoformat(value)
        starts = timezone.make_aware(datetime.combine(day + timedelta(days=name == "after"), time()))
    except (ValueError, OverflowError):
        troubles.append(_("“%(value)s” is not a day. Write it as 2026-11-30.") % {"value": value})
        return None
    return ("created_at < %s" if name == "before" else "created_at >= %s"), [starts]
