"""Connecting call centres and trackers: their mappings checked, and tried out on a sample."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.desk.accounts import CALLS, TRACKER, add_account
from aftercare.desk.actions import phone
from aftercare.desk.actions import trackers as defects
from aftercare.desk.mapping import checked_map, text_at
from aftercare.kernel.errors import Refused
from aftercare.notify.models import Account, Channel

FIELDS = {CALLS: phone.FIELDS, TRACKER: defects.FIELDS}


def connect(
    *,
    use: str,
    name: str,
    url: str,
    paths: Mapping[str, str],
    values: Mapping[str, str],
    fields: Mapping[str, str],
    actor: User,
    now: datetime,
) -> tuple[Account, str]:
    """Add a call centre or a tracker; its secret is given once. `paths` say where in their JSON our fields stand.

    Raises Refused for an unknown use, a path that is none, and as `add_account` does.
    """
    if use not in FIELDS:
        raise Refused(_("Choose what it is."))
    config = {
        "url": url if use == TRACKER else "",
        "map": checked_map(paths, FIELDS[use]),
        "values": dict(values),
        "fields": dict(fields),
        "owner": actor.ref,
    }
    return add_account(use=use, name=name, config=config, actor=actor, now=now)


def get_desk_account(ref: str) -> Account:
    """A call centre or tracker; Http404 for any other account."""
    return get_object_or_404(Account, ref=ref, channel=Channel.WEBHOOK, config__use__in=(CALLS, TRACKER))


def tried(account: Account, sample: Any) -> dict[str, str]:
    """What a JSON would come to by the account's mapping; nothing is kept."""
    config = account.config
    if config["use"] == TRACKER:
        return defects.understood(config, sample)
    return {name: text_at(sample, config.get("map", {}).get(name, "")) for name in phone.FIELDS}
