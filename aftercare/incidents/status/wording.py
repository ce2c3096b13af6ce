"""The fixed words of pages, worded once for each language and not again for each page."""

from functools import cache

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from aftercare.incidents.models import ComponentState, Stage

ENGLISH, CHINESE = "en", "zh-hans"
TAG = {ENGLISH: "en", CHINESE: "zh-Hans"}
SHORT = {ENGLISH: "en", CHINESE: "zh"}


@cache
def words(language: str) -> dict[str, str]:
    """By a short key, in the language."""
    with translation.override(language):
        return {
            "status": _("Service status"),
            "of": _("Service status for %(name)s"),
            "operational": _("Everything is running"),
            "degraded": _("Part of it is disturbed"),
            "outage": _("There is an outage"),
            "maintenance": _("Maintenance is under way"),
            "unknown": _("For part of it there is no data"),
            "nothing": _("No incident goes on."),
            "going_on": _("Going on"),
            "components": _("Components"),
            "no_components": _("No component is shown here yet."),
            "planned": _("Maintenance"),
            "past": _("The last 90 days"),
            "none_past": _("No incident in the last 90 days."),
            "more": _("%(n)s more stand in status.json."),
            "since": _("since %(at)s"),
            "lasted": _("%(at)s, lasted %(span)s"),
            "next": _("Next update by %(at)s"),
            "cut": _("… the whole text stands in the feed."),
            "good": _("%(share)s%% good in 90 days"),
            "no_data": _("no data in 90 days"),
            "bars": _("90 days: %(good)s good, %(bad)s not, %(unknown)s without data"),
            "bad_days": _("Days with trouble"),
            "day": _("%(day)s: %(share)s%% good"),
            "ago": _("90 days ago"),
            "today": _("today"),
            "written": _(
                "Written %(at)s. It is written anew at every change and at least every 20 minutes: an older time means "
                "that it no longer is."
            ),
            "measured": _("A day counts its five minutes that were within the red line; hatched is without data."),
            "zone": _("Times are in %(zone)s."),
            "hear": _("Hear of updates"),
            "email": _("E-mail"),
            "webhook": _("Webhook"),
            "way": _("By"),
            "address": _("Address"),
            "subscribe": _("Subscribe"),
            "confirm": _("You get a message with a link first; nothing else is sent before you open it."),
            "feed": _("Feed (Atom)"),
            "json": _("For programs (JSON)"),
            "other": "中文" if language == ENGLISH else "English",
            "min": _("%(n)d min"),
            "h": _("%(h)d h %(m)d min"),
            "days": _("%(n)d days"),
            "word_announced": pgettext("maintenance", "announced"),
            "word_running": pgettext("maintenance", "in progress"),
            "word_moved": pgettext("maintenance", "moved to another time"),
            "word_postponed": pgettext("maintenance", "postponed, without a new time yet"),
            "word_cancelled": pgettext("maintenance", "cancelled"),
            "word_done": pgettext("maintenance", "over"),
            **{f"stage_{stage.value}": str(stage.label) for stage in Stage},
            **{f"state_{state.value}": str(state.label) for state in ComponentState},
        }
