"""One order of locks for everything that happens to an incident: app (customer, origin), the causes, page, itself, its
tickets.

What is held back of a place is locked behind the place.

People begin at the page (they acknowledge it), alerts begin at the app; whoever took the incident before its page would
wait for somebody who waits for them, and PostgreSQL would end one of the two with an error. The incident's key never
changes (`no_key`), so that a line of the timeline can be written beside a lock.

An incident of a cause is met by alerts of many apps at once, and one transaction (an app's evaluation, which opens and
closes several alerts) may meet several such incidents in any order; two of them would wait for each other. Hence
`hold_causes`: one lock for all incidents of causes, taken before the first page by whoever may come to one: where the
alert, or another open one of its place, was located, or belongs to such an incident. All alerts of an evaluation are
written before the first is told, so that this is known at the first. A transaction that met its own app's incident
before it takes this lock is no danger: nobody else who holds it can want that app's incident, whose alerts wait for the
app. People do not take it, and hold one page and its incident only.

An incident that took in another's (`is_shared`) is met by alerts of several apps like one of a cause, and locked as
such. Whoever merges two takes the places of all their alerts (`hold_places`), as alerts of each would, then the causes,
then both by their primary keys.
"""

from collections.abc import Sequence

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from aftercare.accounts.models import App, Customer
from aftercare.incidents.models import Incident, IncidentAlert, Status
from aftercare.kernel.errors import Refused
from aftercare.oncall import actions as oncall
from aftercare.watch.actions import hold_origin
from aftercare.watch.models import Alert

# Met by alerts of many places.
OF_MANY = Q(incident__cause__isnull=False) | Q(incident__is_shared=True)


def hold_place(alert: Alert) -> None:
    """Lock what the alert is about, so that the alerts of one app open and close one after the other, and the incidents
    of causes where it may come to one.
    """
    hold_scope(alert)
    if may_come_to_a_cause(alert):
        hold_causes()


def hold_scope(alert: Alert) -> None:
    """Lock the app, the customer, or whoever tells of the provider's own."""
    if alert.customer_id is None:  # the provider's own: whoever tells of it is all that there is to lock
        hold_origin(getattr(alert, alert.origin[0]))
        return
    if alert.app_id is None:
        Customer.objects.select_for_update(no_key=True).get(pk=alert.customer_id)
        return
    App.objects.select_for_update(no_key=True).get(pk=alert.app_id)


def may_come_to_a_cause(alert: Alert) -> bool:
    """Whether this alert, or another open one of its place, was located or belongs to an incident of a cause."""
    if alert.cause_id is not None:
        return True
    if IncidentAlert.objects.filter(OF_MANY, alert=alert).exists():
        return True
    beside = Alert.objects.filter(customer=alert.customer_id, app=alert.app_id, closed_at__isnull=True)
    if beside.filter(cause__isnull=False).exists():
        return True
    return bool(shared_of(alert))


def shared_of(alert: Alert) -> list[int]:
    """The open incidents that took in another's and hold alerts of this alert's place. Mostly there are none at all."""
    shared = list(Incident.objects.filter(is_shared=True).exclude(status=Status.RESOLVED).values_list("pk", flat=True))
    if not shared:
        return []
    same = {"alert__customer": alert.customer_id, "alert__app": alert.app_id}
    if alert.customer_id is None:
        name, pk = alert.origin
        same = {f"alert__{name}": pk}
    links = IncidentAlert.objects.filter(incident__in=shared, **same)
    return list(links.order_by("incident").values_list("incident", flat=True).distinct())


def hold_places(incidents: Sequence[Incident]) -> None:
    """Lock the places of all alerts in these incidents, in one order, then the causes."""
    links = IncidentAlert.objects.filter(incident__in=incidents).select_related("alert")
    alerts = [link.alert for link in links]
    apps = {alert.app_id for alert in alerts if alert.app_id is not None}
    wide = {alert.customer_id for alert in alerts if alert.app_id is None and alert.customer_id is not None}
    list(App.objects.select_for_update(no_key=True).filter(pk__in=apps).order_by("pk"))
    list(Customer.objects.select_for_update(no_key=True).filter(pk__in=wide).order_by("pk"))
    ours = {alert.origin: alert for alert in alerts if alert.customer_id is None}
    for _origin, alert in sorted(ours.items()):
        hold_scope(alert)
    hold_causes()


def hold_causes() -> None:
    """Let the incidents of causes change one after the other, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('incidents of causes', 7))")


def locked(incident: Incident) -> Incident:
    """The incident as it is now, locked as by `held`. Raises Refused where it is no longer there, or goes on as part of
    another one.
    """
    row = held(incident.ref)
    if row is None:
        raise Refused(_("This incident is no longer there."))
    if row.merged_into_id is not None:
        raise Refused(_("This incident was merged into another one: go on there."))
    return row


def held(ref: str) -> Incident | None:
    """The incident as it is now, its page and itself locked until the transaction ends; None without such a ref."""
    oncall.hold_page(subject_ref=ref)
    return Incident.objects.select_for_update(no_key=True).filter(ref=ref).first()
