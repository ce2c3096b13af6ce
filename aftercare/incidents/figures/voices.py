"""Whether we knew before customers spoke: proactive rate and lead time."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aftercare.incidents.figures.times import counted, row_of, told
from aftercare.incidents.figures.types import Counted, percent
from aftercare.incidents.models import Incident

# End users complain of what our alert sees a little later; of what was earlier still, they mean something else.
COMPLAINTS_BEFORE = timedelta(minutes=30)

# The first customer voice of each incident until its end, earliest of: words of the customer's side in a ticket tied
# to it; the opening of such a ticket that is older than the incident (a call that staff wrote down counts, too); an
# end user's complaint of a touched app, where a customer's alerts name the apps, else of any of the customer's apps.
VOICES = """
    with chosen as (
        select id, ref, opened_at, coalesce(resolved_at, %(now)s) as ended_at
        from incidents_incident where id = any(%(ids)s)
    ), tied as (
        select chosen.id, ticket.id as ticket_id
        from chosen join desk_ticket ticket on ticket.incident_ref = chosen.ref
        union
        select chosen.id, touched.ticket_id
        from chosen join incidents_incidentcustomer touched on touched.incident_id = chosen.id
        where touched.ticket_id is not null
    ), voice as (
        select chosen.id, message.created_at as at
        from chosen join tied using (id) join desk_message message on message.ticket_id = tied.ticket_id
        where message.side = 'customer' and not message.internal and message.created_at <= chosen.ended_at
        union all
        select chosen.id, ticket.created_at
        from chosen join tied using (id) join desk_ticket ticket on ticket.id = tied.ticket_id
        where ticket.created_at < chosen.opened_at
        union all
        select chosen.id, complained.at
        from chosen
        join incidents_incidentcustomer touched on touched.incident_id = chosen.id
        join accounts_app app on app.customer_id = touched.customer_id
        join lateral (
            select min(complaint.at) as at from desk_complaint complaint
            where complaint.app_id = app.id and complaint.at <= chosen.ended_at
              and complaint.at >= chosen.opened_at - %(before)s
        ) complained on complained.at is not null
        where app.id in (
            select alert.app_id from incidents_incidentalert link join watch_alert alert on alert.id = link.alert_id
            where link.incident_id = chosen.id and alert.customer_id = touched.customer_id
        ) or not exists (
            select 1 from incidents_incidentalert link join watch_alert alert on alert.id = link.alert_id
            where link.incident_id = chosen.id and alert.customer_id = touched.customer_id
              and alert.app_id is not null
        )
    )
    select id, min(at) from voice group by id
"""


def first_voices(incidents: Sequence[Incident], now: datetime) -> dict[int, datetime]:
    """When a customer, or an end user of one, first spoke of each incident, by primary key; not of silent ones."""
    asked: dict[str, Any] = {"ids": [one.pk for one in incidents], "now": now, "before": COMPLAINTS_BEFORE}
    with connection.cursor() as cursor:
        cursor.execute(VOICES, asked)
        return dict(cursor.fetchall())


def proactive(opened: Iterable[Incident], now: datetime) -> tuple[Counted, Counted]:
    """Proactive rate (per cent) and lead time (seconds) of the incidents that touch customers."""
    touching = [one for one in opened if one.customers.all()]
    voices = first_voices(touching, now)
    rows, leads, silent = [], [], 0
    for one in touching:
        voice = voices.get(one.pk)
        is_first = voice is None or one.opened_at < voice
        silent += voice is None
        word = _("nobody spoke of it") if voice is None else _("we knew first") if is_first else _("they spoke first")
        row = row_of(one, voice, word, is_bad=not is_first)
        rows.append(row)
        if is_first and voice is not None:
            leads.append(row)
    ahead = sum(not row.is_bad for row in rows)
    rows.sort(key=lambda row: (not row.is_bad, row.value is None, row.value or 0))
    said = ngettext("nobody spoke of %d", "nobody spoke of %d", silent)
    rate = Counted(
        "proactive", percent(ahead, len(rows)), len(rows), beside=[told(silent, said)] * bool(silent), rows=rows
    )
    lead = counted("lead", leads, rate.beside)
    leads.sort(key=lambda row: row.value or 0)  # the shortest lead is the worst
    return rate, lead
