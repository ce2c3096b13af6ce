"""One order of locks for everything that happens to an incident: app (customer, origin), page, itself, its tickets.

People begin at the page (they acknowledge it), alerts begin at the app; whoever took the incident before its page would
wait for somebody who waits for them, and PostgreSQL would end one of the two with an error. The incident's key never
changes (`no_key`), so that a line of the timeline can be written beside a lock.
"""

from aftercare.accounts.models import App, Customer
from aftercare.incidents.models import Incident
from aftercare.oncall import actions as oncall
from aftercare.watch.actions import hold_origin
from aftercare.watch.models import Alert


def hold_place(alert: Alert) -> None:
    """Lock what the alert is about, so that the alerts of one app open and close one after the other."""
    if alert.customer_id is None:  # the provider's own: whoever tells of it is all that there is to lock
        hold_origin(getattr(alert, alert.origin[0]))
        return
    if alert.app_id is None:
        Customer.objects.select_for_update(no_key=True).get(pk=alert.customer_id)
        return
    App.objects.select_for_update(no_key=True).get(pk=alert.app_id)


def held(ref: str) -> Incident | None:
    """The incident as it is now, its page and itself locked until the transaction ends; None without such a ref."""
    oncall.hold_page(subject_ref=ref)
    return Incident.objects.select_for_update(no_key=True).filter(ref=ref).first()
