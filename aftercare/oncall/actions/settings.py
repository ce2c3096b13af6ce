"""Saying what is asked of the on-call."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.kernel.errors import Refused
from aftercare.oncall.actions.schedules import keep_record
from aftercare.oncall.models import OncallSettings, OnHoles

# By field: the least and the most; a limit may be None as well, which asks nothing.
BOUNDS = {
    "longest_h": (1, 2160),
    "most_hours": (1, 168),
    "most_nights": (1, 6),
    "ahead_days": (7, 365),
    "mail_weekday": (0, 6),
    "mail_hour": (0, 23),
    "calls_from": (0, 23),
    "calls_until": (1, 24),
    "answer_within_min": (1, 120),
}
MAY_BE_NONE = ("longest_h", "most_hours", "most_nights")
FIELDS = ("timezone", *BOUNDS, "on_holes", "mails", "calls")


def settings_row(now: datetime) -> OncallSettings:
    """The one row, made where it is missing: from then on mails and test calls are due."""
    return OncallSettings.objects.get_or_create(pk=1, defaults={"since": now})[0]


@transaction.atomic
def save_settings(*, facts: Mapping[str, Any], actor: User | None, now: datetime) -> OncallSettings:
    """Change what `facts` names (FIELDS). Raises Refused for a value out of its bounds."""
    row = OncallSettings.objects.select_for_update().get(pk=settings_row(now).pk)
    changed = {name: facts[name] for name in FIELDS if name in facts and facts[name] != getattr(row, name)}
    for name, value in changed.items():
        check(name, value)
        setattr(row, name, value)
    if row.calls_from >= row.calls_until:
        raise Refused(_("Test calls need a time between their first and their last hour."))
    if changed:
        row.save()
        keep_record("oncall.settings", "oncall", actor, now, **changed)
    return row


def check(name: str, value: Any) -> None:
    """Raise Refused for a value that its field cannot have."""
    if value is None and name not in MAY_BE_NONE:
        raise Refused(_("%(field)s: this cannot be left empty.") % {"field": label_of(name)})
    if name == "timezone" and value not in available_timezones():
        raise Refused(_("“%(zone)s” is not a time zone; write one like Asia/Shanghai.") % {"zone": value})
    if name == "on_holes" and value not in OnHoles.values:
        raise Refused(_("Holes are warned about or refused: write warn or refuse."))
    if name not in BOUNDS or (value is None and name in MAY_BE_NONE):
        return
    least, most = BOUNDS[name]
    if not isinstance(value, int) or not least <= value <= most:
        told = {"field": label_of(name), "least": least, "most": most}
        raise Refused(_("%(field)s: between %(least)s and %(most)s.") % told)


def label_of(name: str) -> str:
    """What a field is called."""
    return str(OncallSettings._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
