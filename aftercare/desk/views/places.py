"""The pages that stand beside the inbox, as tabs."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _


def places(here: str) -> list[dict[str, Any]]:
    """The staff's pages of the desk; `here` is the one that is open."""
    told = [
        ("inbox", _("Inbox")),
        ("board", _("Board")),
        ("complaints", _("Users' complaints")),
        ("phone", _("Phone")),
        ("hours", _("Hours")),
        ("routing", _("Routing")),
        ("trackers", _("Call centres and trackers")),
    ]
    return [{"label": label, "url": reverse(f"desk:{name}"), "is_current": name == here} for name, label in told]
