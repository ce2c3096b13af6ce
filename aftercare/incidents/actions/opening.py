"""An alert becomes an incident, or joins one; the page and the customer's ticket are written in the same breath."""

from datetime import datetime, timedelta

from django.db import transaction

from aftercare.audit import actions as audit
from aftercare.desk import actions as desk
from aftercare.desk.models import Ticket
from aftercare.incidents.actions.locking import held, hold_place
from aftercare.incidents.evidence import pending_evidence
from aftercare.incidents.models import Incident, IncidentAlert, IncidentCustomer, Kind, Severity, Status
from aftercare.incidents.timeline import write_entry
from aftercare.incidents.words import alert_sentence, joining_words, opening_words, raised_words
from aftercare.oncall import actions as oncall
from aftercare.oncall.models import PageState
from aftercare.watch.models import Alert
from aftercare.web.languages import in_both

JOIN_WITHIN = timedelta(hours=2)
TICKET_SEVERITY = {Severity.RED: "P2", Severity.WARNING: "P3"}


@transaction.atomic
def take_alert(*, alert_id: int, now: datetime) -> Incident:
    """The incident of this alert: its app's open one younger than two hours, else a new one. Twice makes one.

    An alert about all apps of a customer joins incidents about all of them only: one app's trouble is never lost in it.

    Pages when the incident is new or its severity rises; opens one ticket for each customer it touches.
    """
    alert = Alert.objects.select_related("app", "app__customer", "customer", "monitor").get(pk=alert_id)
    hold_place(alert)  # two alerts of one app make one incident
    taken = IncidentAlert.objects.filter(alert=alert).select_related("incident").first()
    if taken:
        return taken.incident
    young = Incident.objects.exclude(status=Status.RESOLVED).filter(opened_at__gt=now - JOIN_WITHIN)
    young = young.filter(customer=alert.customer, app=alert.app)
    ref = young.order_by("-opened_at").values_list("ref", flat=True).first()
    incident = held(ref) if ref else None
    if incident is None or incident.status == Status.RESOLVED:  # somebody ended it while we waited for it
        return open_incident(alert, now)
    join(incident, alert, now)
    return incident


def open_incident(alert: Alert, now: datetime) -> Incident:
    """A new incident with its first alert, its page and its tickets."""
    title, title_zh = in_both(lambda: alert_sentence(alert))
    incident = Incident.objects.create(
        title=title[:200],
        title_zh=title_zh[:200],
        severity=alert.severity,
        app=alert.app,
        customer=alert.customer,
        opened_at=now,
    )
    write_entry(incident, Kind.OPENED, now=now, sentence=title, sentence_zh=title_zh, alert=alert.ref)
    add_alert(incident, alert, now)
    page(incident, now)
    detail = {"alert": alert.ref, "severity": alert.severity}
    audit.record(
        actor=None, action="incident.open", subject=incident.ref, customer_id=alert.customer_id, detail=detail, now=now
    )
    touched = IncidentCustomer.objects.create(incident=incident, customer=alert.customer)
    open_ticket_for(touched, alert, now)
    return incident


def join(incident: Incident, alert: Alert, now: datetime) -> None:
    """One more alert of an open incident; pages again only when it makes the incident worse."""
    title, title_zh = in_both(lambda: alert_sentence(alert))
    is_news = not incident.alerts.filter(alert__metric=alert.metric, alert__customer=alert.customer).exists()
    write_entry(
        incident, Kind.ALERT_JOINED, now=now, customer_id=alert.customer_id, sentence=title, sentence_zh=title_zh
    )
    add_alert(incident, alert, now)
    is_worse = alert.severity == Severity.RED and incident.severity == Severity.WARNING
    if is_worse:
        incident.severity = Severity.RED
        incident.status = Status.OPEN  # whoever took a warning has not yet taken this
        incident.title, incident.title_zh = title[:200], title_zh[:200]
        incident.save()
        write_entry(incident, Kind.SEVERITY_RAISED, now=now)
        page(incident, now)
    detail = {"alert": alert.ref, "severity": alert.severity}
    audit.record(
        actor=None, action="incident.join", subject=incident.ref, customer_id=alert.customer_id, detail=detail, now=now
    )
    touched, is_new = IncidentCustomer.objects.get_or_create(incident=incident, customer=alert.customer)
    if is_new or touched.ticket is None:
        open_ticket_for(touched, alert, now)
    elif is_worse or is_news:
        tell_ticket_of(touched.ticket, alert, now, is_worse=is_worse)


def add_alert(incident: Incident, alert: Alert, now: datetime) -> None:
    """Tie the alert to the incident; its series and sessions are gathered right after, by the engine."""
    IncidentAlert.objects.create(
        incident=incident, alert=alert, joined_at=now, evidence=pending_evidence(alert, now), evidence_due_at=now
    )


def page(incident: Incident, now: datetime) -> None:
    """Wake whoever is on duty; red is urgent, a warning is not. Who took the warning is woken again by the red."""
    write_entry(incident, Kind.PAGED, now=now, severity=incident.severity)
    started = oncall.start_page(
        subject_ref=incident.ref,
        severity=incident.severity,
        title=incident.title,
        title_zh=incident.title_zh,
        url_path=f"/incidents/{incident.ref}",
        customer_id=incident.customer_id,
        now=now,
    )
    if started.state == PageState.ACKNOWLEDGED:
        oncall.escalate_page(page=started, user=None, reason="The severity rose to red.", now=now)


def open_ticket_for(touched: IncidentCustomer, alert: Alert, now: datetime) -> None:
    """The customer's own ticket, which opens by itself with what the alert already knows."""
    title, title_zh = in_both(lambda: alert_sentence(alert))
    body, body_zh = in_both(lambda: opening_words(alert))
    ticket = desk.open_ticket(
        customer_id=alert.customer_id,
        app_id=alert.app_id,
        title=title[:200],
        title_zh=title_zh[:200],
        severity=TICKET_SEVERITY[Severity(alert.severity)],
        body=body,
        body_zh=body_zh,
        evidence=pending_evidence(alert, now),
        opened_by=None,
        incident_ref=touched.incident.ref,
        now=now,
    )
    touched.ticket = ticket
    touched.save(update_fields=["ticket"])
    write_entry(
        touched.incident,
        Kind.TICKET_OPENED,
        now=now,
        customer_id=alert.customer_id,
        number=ticket.number,
        ticket=ticket.ref,
    )


def tell_ticket_of(ticket: Ticket, alert: Alert, now: datetime, *, is_worse: bool) -> None:
    """The customer's ticket hears of a new measure, or of a worse one; it is graded up with it."""
    words, words_zh = in_both(lambda: raised_words(alert) if is_worse else joining_words(alert))
    desk.tell_ticket(ticket=ticket, body=words, body_zh=words_zh, now=now)
    wanted = TICKET_SEVERITY[Severity(alert.severity)]
    if not is_worse:
        return
    title, title_zh = in_both(lambda: alert_sentence(alert))
    desk.rename_ticket(ticket=ticket, title=title[:200], title_zh=title_zh, user=None, now=now)
    if ticket.severity > wanted:  # P3 is less than P2
        desk.set_severity(ticket=ticket, severity=wanted, user=None, now=now)
