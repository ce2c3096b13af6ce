"""How an incident of a cause is named: what broke, and how much of it was seen; no customer is ever named in it."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aftercare.incidents.models import Incident
from aftercare.telemetry.models import Resource
from aftercare.watch.models import Alert
from aftercare.web.languages import in_both


def name_of(cause: Resource) -> str:
    """What it is, and its name: "Edge node sh-edge-3"."""
    return _("%(kind)s %(name)s") % {"kind": cause.get_kind_display(), "name": cause.name}


def title_of(cause: Resource, customers: int, apps: int, sentence: str) -> str:
    """ "Edge node sh-edge-3: 12 customers, 14 apps"; where no customer has an alert, what the provider's own say."""
    if not customers:
        return _("%(cause)s: %(what)s") % {"cause": name_of(cause), "what": sentence}
    reach = _("%(customers)s, %(apps)s") % {
        "customers": ngettext("%(n)s customer", "%(n)s customers", customers) % {"n": customers},
        "apps": ngettext("%(n)s app", "%(n)s apps", apps) % {"n": apps},
    }
    return _("%(cause)s: %(what)s") % {"cause": name_of(cause), "what": reach}


def reach_of(incident: Incident, alerts: Sequence[Alert]) -> tuple[int, int]:
    """How many customers and apps have an alert in it, with `alerts` that are about to join.

    What turned with them in the same evaluation counts already: the page that goes out now says how large it is.
    """
    places = set[tuple[int | None, int | None]]()
    if incident.pk is not None:
        known = incident.alerts.filter(alert__customer__isnull=False)
        places.update(known.values_list("alert__customer", "alert__app").distinct())
    places |= {(alert.customer_id, alert.app_id) for alert in alerts if alert.customer_id is not None}
    customers, apps = len({customer for customer, _app in places}), len(places)
    together = [alert.located.get("together", [0, 0]) for alert in alerts if alert.customer_id is not None]
    return max([customers, *(one for one, _apps in together)]), max([apps, *(some for _one, some in together)])


def entitle(incident: Incident, alerts: Sequence[Alert], sentence: str, sentence_zh: str) -> None:
    """Give an incident of a cause its title in both languages; it is not saved."""
    cause = incident.cause
    if cause is None or incident.titled_by_id is not None:
        return
    customers, apps = reach_of(incident, alerts)
    pair = in_both(lambda: title_of(cause, customers, apps, ""))
    told = (sentence, sentence_zh) if not customers else ("", "")
    incident.title = (pair[0] + told[0])[:200]
    incident.title_zh = (pair[1] + (told[1] or told[0]))[:200]
