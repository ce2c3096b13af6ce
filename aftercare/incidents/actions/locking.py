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
app. People never take it, and hold one page and its incident only.
"""

from django.db import connection
from django.utils.translation import gettext as _

from aftercare.accounts.models import App, Customer
from aftercare.incidents.models import Incident, IncidentAlert
from aftercare.kernel.errors import Refused
from aftercare.oncall import actions as oncall
from aftercare.watch.actions import hold_origin
from aftercare.watch.models import Alert


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
    if IncidentAlert.objects.filter(alert=alert, incident__cause__isnull=False).exists():
        return True
    beside = Alert.objects.filter(customer=alert.customer_id, app=alert.app_id, closed_at__isnull=True)
    return beside.filter(cause__isnull=False).exists()


def hold_causes() -> None:
    """Let the incidents of causes change one after the other, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('incidents of causes', 7))")


def locked(incident: Incident) -> Incident:
    """The incident as it is now, locked as by `held`. Raises Refused where it is no longer there."""
    row = held(incident.ref)
    if row is None:
        raise Refused(_("This incident is no longer there."))
    return row


def held(ref: str) -> Incident | None:
    """The incident as it is now, its page and itself locked until the transaction ends; None without such a ref."""
    oncall.hold_page(subject_ref=ref)
    return Incident.objects.select_for_update(no_key=True).filter(ref=ref).first()
