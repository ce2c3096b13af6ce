"""What our scripts say, so that one catalogue holds every visible word of the frame."""

from django.utils.translation import gettext as _


def words() -> dict[str, str]:
    """Sentences by key; `{n}` is put in by the script."""
    return {
        "now": _("just now"),
        "soon": _("in a moment"),
        "ago_s": _("{n} s ago"),
        "ago_min": _("{n} min ago"),
        "ago_h": _("{n} h ago"),
        "ago_d": _("{n} d ago"),
        "in_s": _("in {n} s"),
        "in_min": _("in {n} min"),
        "in_h": _("in {n} h"),
        "in_d": _("in {n} d"),
        "ms": _("{n} ms"),
        "s": _("{n} s"),
        "min": _("{n} min"),
        "h": _("{n} h"),
        "d": _("{n} d"),
        "left": _("{n} left"),
        "overdue": _("{n} overdue"),
        "no_data": _("no data"),
        "time": _("Time"),
        "show_table": _("Show as table"),
        "show_chart": _("Show as chart"),
        "reset_zoom": _("Reset zoom"),
        "chart_failed": _("The chart could not be loaded. Reload the page to try again."),
        "chart_empty": _("No data was reported in this range."),
        "close": _("Close"),
        "request_failed": _("That did not reach the server. Check your connection and try again."),
        "request_refused": _("The server refused that ({n}). Reload the page and try again."),
        "copied": _("Copied"),
    }
