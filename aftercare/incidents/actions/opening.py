"""Alerts become an incident, or join one; the page and the customer's ticket are written in the same breath."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from aftercare.audit import actions as audit
from aftercare.desk import actions as desk
from aftercare.desk.models import Ticket
from aftercare.incidents.actions.locking import held, hold_place, shared_of
from aftercare.incidents.causes.grouping import JOIN_WITHIN, TOGETHER, grouped, matching
from aftercare.incidents.causes.taking import note_located, take_over, widen
from aftercare.incidents.causes.words import entitle
from aftercare.incidents.changes.suspecting import suspect_by_alerts, titled
from aftercare.incidents.evidence import first_evidence
from aftercare.incidents.models import Incident, IncidentAlert, IncidentCustomer, Kind, Severity, Status
from aftercare.incidents.noise import flapping
from aftercare.incidents.noise.holding import hold_back
from aftercare.incidents.telling import promise
from aftercare.incidents.timeline import note_several, write_entry
from aftercare.incidents.words import alert_sentence, alerts_sentence, joining_words, opening_words, raised_words
from aftercare.oncall import actions as oncall
from aftercare.oncall.models import PageState
from aftercare.telemetry.models import Resource
from aftercare.telemetry.queries.resource_map import read_map
from aftercare.watch.models import ORIGINS, Alert
from aftercare.web.languages import in_both

MOST_SPOKEN_OF = 5
TICKET_SEVERITY = {Severity.RED: "P2", Severity.WARNING: "P3"}


@transaction.atomic
def take_alerts(*, alert_ids: Sequence[int], now: datetime) -> Incident | None:
    """The incident of these alerts of one origin: their place's open one younger than two hours, else a new one.

    Those that something holds back open and join nothing for now; None where it is all of them.

    An alert about all apps of a customer joins incidents about all of them only: one app's trouble is never lost in it.
    One about the provider's own systems joins those of its own origin only. Those that were located go by their cause
    instead, whatever place they are about: `causes.grouping` says how. Twice makes one.

    Pages when the incident is new or its severity rises; opens one ticket for each customer it touches. However many
    alerts come at once, each is told once, and of all of them together. Returns the incident of the worst alert.
    """
    known = Alert.objects.select_related("app", "app__customer", "customer", *ORIGINS).filter(pk__in=alert_ids)
    alerts = sorted(known, key=lambda alert: (alert.severity != Severity.RED, alert.pk))
    located = next((alert for alert in alerts if alert.cause_id is not None), alerts[0])
    hold_place(located)  # two alerts of one app, or of one cause, make one incident
    links = IncidentAlert.objects.filter(alert__in=alerts).select_related("incident").order_by("pk")
    taken = {link.alert_id: link.incident for link in links}
    fresh = hold_back([alert for alert in alerts if alert.pk not in taken], now)
    taken.update(open_or_join(fresh, now))
    return taken.get(alerts[0].pk) or next(iter(taken.values()), None)


def open_or_join(alerts: Sequence[Alert], now: datetime) -> dict[int, Incident]:
    """The incidents, by alert, of alerts of one origin that call somebody, the worst one first; their place, and the
    cause that one of them was located at, are locked by the caller.
    """
    found: dict[int, Incident] = {}
    for cause, group in grouped(alerts, now):
        incident = rejoin(group, now) or (take_group(group, now) if cause is None else take_located(cause, group, now))
        flapping.note(incident, group, now)
        found.update({alert.pk: incident for alert in group})
    return found


def rejoin(alerts: Sequence[Alert], now: datetime) -> Incident | None:
    """The open incident that one of these, going on and off, was part of before; None where there is none."""
    ref = flapping.incident_ref(alerts)
    incident = held(ref) if ref else None
    if incident is None or incident.status == Status.RESOLVED:
        return None
    join(incident, alerts, now)
    return incident


def take_group(alerts: Sequence[Alert], now: datetime) -> Incident:
    """The incident of alerts whose cause nobody knows: their place's, or one that another of this place went into."""
    ref = young_ones(alerts[0], now).order_by("-opened_at").values_list("ref", flat=True).first()
    if ref is None and (shared := shared_of(alerts[0])):
        young = Incident.objects.filter(pk__in=shared, opened_at__gt=now - JOIN_WITHIN)
        ref = young.order_by("-opened_at").values_list("ref", flat=True).first()
    incident = held(ref) if ref else None
    if incident is None or incident.status == Status.RESOLVED:  # somebody ended it while we waited for it
        return open_incident(alerts, now)
    join(incident, alerts, now)
    return incident


def take_located(cause_id: int, alerts: Sequence[Alert], now: datetime) -> Incident:
    """The incident of alerts of one cause: the one about it; else their place's, where that is only minutes old and
    becomes the cause's; else a new one.
    """
    resources = read_map()
    match = matching(cause_id, now, resources)
    incident = held(match.ref) if match is not None else None
    if match is not None and incident is not None and incident.status != Status.RESOLVED:
        widen(incident, match.cause, now)
        join(incident, alerts, now)
        return incident
    fresh = young_ones(alerts[0], now).filter(opened_at__gt=now - TOGETHER)
    ref = fresh.order_by("-opened_at").values_list("ref", flat=True).first()
    incident = held(ref) if ref else None
    if incident is None or incident.status == Status.RESOLVED:
        return open_incident(alerts, now, Resource.objects.get(pk=cause_id))
    take_over(incident, Resource.objects.get(pk=cause_id), alerts[0], now)
    join(incident, alerts, now)
    return incident


def young_ones(alert: Alert, now: datetime) -> QuerySet[Incident]:
    """The incidents of its place that an alert may join."""
    young = Incident.objects.exclude(status=Status.RESOLVED).filter(opened_at__gt=now - JOIN_WITHIN, cause=None)
    young = young.filter(customer=alert.customer, app=alert.app)
    if alert.customer_id is not None:
        return young
    name, pk = alert.origin
    return young.filter(pk__in=IncidentAlert.objects.filter(**{f"alert__{name}": pk}).values("incident"))


def open_incident(alerts: Sequence[Alert], now: datetime, cause: Resource | None = None) -> Incident:
    """A new incident with its first alerts, the worst one first, its page and its tickets."""
    alert = alerts[0]
    title, title_zh = in_both(lambda: alerts_sentence(alerts))
    incident = Incident(
        title=title[:200],
        title_zh=title_zh[:200],
        severity=alert.severity,
        app=alert.app if cause is None else None,
        customer=alert.customer if cause is None else None,
        cause=cause,
        opened_at=now,
    )
    entitle(incident, alerts, title, title_zh)
    incident.save()
    write_entry(
        incident,
        Kind.OPENED,
        now=now,
        customer_id=alert.customer_id if cause is not None else None,
        sentence=title,
        sentence_zh=title_zh,
        alert=alert.ref,
    )
    if cause is not None:
        note_located(incident, cause, now)
    add_alerts(incident, alerts, now)
    suspect_by_alerts(incident, alerts, now)
    page(incident, now)
    keep_record("incident.open", incident, alerts, now)
    if alert.customer is not None:
        open_ticket_for(IncidentCustomer.objects.create(incident=incident, customer=alert.customer), alerts, now)
        promise.promise_first(incident, now)
    return incident


def join(incident: Incident, alerts: Sequence[Alert], now: datetime) -> None:
    """More alerts of an open incident, the worst one first; pages again only when they make the incident worse."""
    alert = alerts[0]
    is_news = brings_news(incident, alerts)
    _again, others = flapping.split(incident, alerts, now)
    if others:
        note_several(incident, Kind.ALERT_JOINED, others, alert_sentence, now)
    add_alerts(incident, alerts, now)
    suspect_by_alerts(incident, alerts, now)
    if incident.cause_id is not None:
        entitle(incident, alerts, *in_both(lambda: alerts_sentence(alerts)))
        incident.save(update_fields=["title", "title_zh"])
    is_worse = rise(incident, alert, now)
    keep_record("incident.join", incident, alerts, now)
    if alert.customer is None:
        return
    touched, is_new = IncidentCustomer.objects.get_or_create(incident=incident, customer=alert.customer)
    if is_new or touched.ticket is None:
        open_ticket_for(touched, alerts, now)
        promise.promise_first(incident, now)  # whoever joins it waits for a first word, too
    elif is_worse:
        tell_ticket_worse(touched.ticket, alert, now)
    elif is_news:
        words, words_zh = in_both(lambda: joining_words(alerts, touched.customer))
        desk.tell_ticket(ticket=touched.ticket, body=words, body_zh=words_zh, now=now)


def brings_news(incident: Incident, alerts: Sequence[Alert]) -> bool:
    """Whether one of them is about something that this customer's alerts in the incident have not spoken of yet.

    Others may tell of hundreds of things one by one: the ticket hears of the first MOST_SPOKEN_OF.
    """
    so_far = incident.alerts.filter(alert__customer=alerts[0].customer)
    spoken_of = set(so_far.values_list("alert__metric", "alert__title").distinct())
    if not alerts[0].is_measured and len(spoken_of) > MOST_SPOKEN_OF:
        return False
    return any((alert.metric, alert.title) not in spoken_of for alert in alerts)


def rise(incident: Incident, alert: Alert, now: datetime) -> bool:
    """Make a warning's incident red with this alert of it, and wake people again; whether it was one."""
    if (alert.severity, incident.severity) != (Severity.RED, Severity.WARNING):
        return False
    title, title_zh = in_both(lambda: alert_sentence(alert))
    incident.severity = Severity.RED
    incident.status = Status.OPEN  # whoever took a warning has not yet taken this
    if incident.cause_id is None and not incident.keeps_title:
        incident.title, incident.title_zh = title[:200], title_zh[:200]
    incident.save()
    write_entry(incident, Kind.SEVERITY_RAISED, now=now)
    page(incident, now)
    promise.promise_first(incident, now)
    return True


def add_alerts(incident: Incident, alerts: Sequence[Alert], now: datetime) -> None:
    """Tie the alerts to the incident; series and sessions are gathered right after, by the engine, where there are."""
    IncidentAlert.objects.bulk_create(
        IncidentAlert(
            incident=incident,
            alert=alert,
            joined_at=now,
            evidence=first_evidence(alert, now),
            evidence_due_at=now if alert.is_measured else None,
        )
        for alert in alerts
    )


def keep_record(action: str, incident: Incident, alerts: Sequence[Alert], now: datetime) -> None:
    """The audit row of alerts that an incident took, by the worst of them."""
    detail: dict[str, object] = {"alert": alerts[0].ref, "severity": alerts[0].severity}
    if len(alerts) > 1:
        detail["alerts"] = len(alerts)
    audit.record(
        actor=None, action=action, subject=incident.ref, customer_id=incident.customer_id, detail=detail, now=now
    )


def page(incident: Incident, now: datetime) -> None:
    """Wake whoever is on duty; red is urgent, a warning is not. Who took the warning is woken again by the red."""
    write_entry(incident, Kind.PAGED, now=now, severity=incident.severity)
    title, title_zh = titled(incident)
    started = oncall.start_page(
        subject_ref=incident.ref,
        severity=incident.severity,
        title=title,
        title_zh=title_zh,
        url_path=f"/incidents/{incident.ref}",
        customer_id=incident.customer_id,
        now=now,
    )
    if started.state == PageState.ACKNOWLEDGED:
        oncall.escalate_page(page=started, user=None, reason="The severity rose to red.", now=now)


def open_ticket_for(touched: IncidentCustomer, alerts: Sequence[Alert], now: datetime) -> None:
    """The customer's own ticket, which opens by itself with what the worst alert already knows."""
    alert = alerts[0]
    title, title_zh = in_both(lambda: alerts_sentence(alerts))
    body, body_zh = in_both(lambda: opening_words(alerts, touched.customer))
    ticket = desk.open_ticket(
        customer_id=touched.customer_id,
        app_id=alert.app_id,
        title=title[:200],
        title_zh=title_zh[:200],
        severity=TICKET_SEVERITY[Severity(alert.severity)],
        body=body,
        body_zh=body_zh,
        evidence=first_evidence(alert, now),
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


def tell_ticket_worse(ticket: Ticket, alert: Alert, now: datetime) -> None:
    """The customer's ticket hears that it is worse, and is graded up with it."""
    words, words_zh = in_both(lambda: raised_words(alert, ticket.customer, now))
    desk.tell_ticket(ticket=ticket, body=words, body_zh=words_zh, now=now)
    title, title_zh = in_both(lambda: alert_sentence(alert))
    desk.rename_ticket(ticket=ticket, title=title[:200], title_zh=title_zh[:200], user=None, now=now)
    wanted = TICKET_SEVERITY[Severity(alert.severity)]
    if ticket.severity > wanted:  # P3 is less than P2
        desk.set_severity(ticket=ticket, severity=wanted, user=None, now=now)
