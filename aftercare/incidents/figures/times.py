"""How long things took: until somebody had it, customers were told, the effect stopped, it was over."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Min, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aftercare.clocks.models import Clock
from aftercare.incidents.figures.types import Counted, Row, Wanted, mean, quantile
from aftercare.incidents.models import NOT_RECOVERED, Incident, Status
from aftercare.incidents.telling.promise import UPDATE_CLOCK


def incidents_within(wanted: Wanted, instant: str = "opened_at") -> QuerySet[Incident]:
    """The incidents whose `instant` is in the period, as narrowed, with the customers that they touch; one that was
    merged counts as the one that it went into.
    """
    within: dict[str, Any] = {f"{instant}__gte": wanted.start, f"{instant}__lt": wanted.end}
    found = Incident.objects.filter(**within, merged_into=None).select_related("app", "customer", "cause")
    if wanted.severity:
        found = found.filter(severity=wanted.severity)
    if wanted.customer is not None:
        found = found.filter(customers__customer=wanted.customer)
    return found.prefetch_related("customers__customer").order_by("pk")


def acknowledged(opened: Iterable[Incident]) -> Counted:
    """MTTA of incidents that opened in the period."""
    rows, never, waiting = [], 0, 0
    for one in opened:
        if one.acknowledged_at is not None:
            rows.append(row_of(one, one.acknowledged_at))
        elif one.status == Status.RESOLVED:
            never += 1
            rows.append(row_of(one, None, _("over before anybody had it")))
        else:
            waiting += 1
            rows.append(row_of(one, None, _("still waits for somebody"), is_bad=True))
    beside = [
        told(never, ngettext("%d was over before anybody had it", "%d were over before anybody had them", never)),
        told(waiting, ngettext("%d still waits for somebody", "%d still wait for somebody", waiting)),
    ]
    return counted("mtta", rows, beside)


def recovered(ended: Iterable[Incident]) -> Counted:
    """MTTR of incidents that ended in the period."""
    rows, unseen = [], 0
    for one in ended:
        if one.end_reason in NOT_RECOVERED:
            unseen += 1
            rows.append(row_of(one, None, _("ended without anybody seeing it recover")))
        else:
            rows.append(row_of(one, one.resolved_at))
    said = ngettext(
        "%d ended without anybody seeing it recover", "%d ended without anybody seeing them recover", unseen
    )
    return counted("mttr", rows, [told(unseen, said)])


def mitigated(noted: Iterable[Incident], ended: Iterable[Incident]) -> Counted:
    """Time to mitigation of incidents where it was noted in the period."""
    unnoted = sum(one.mitigated_at is None for one in ended)
    rows = [row_of(one, one.mitigated_at) for one in noted]
    said = ngettext("%d ended with no such note", "%d ended with no such note", unnoted)
    return counted("mitigation", rows, [told(unnoted, said)])


def first_told(opened: Iterable[Incident], now: datetime) -> Counted:
    """Time to the first update of a person, against what was promised by the first clock."""
    touching = [one for one in opened if one.customers.all()]
    found = Incident.objects.filter(pk__in=[one.pk for one in touching]).order_by()
    said = dict(found.annotate(at=Min("updates__at")).values_list("pk", "at"))
    promised = first_promises([one.ref for one in touching])
    rows, late, never, waiting = [], 0, 0, 0
    for one in touching:
        at = said[one.pk]
        is_late = is_overdue(promised.get(one.ref), at or one.resolved_at or now)
        late += is_late
        never += at is None and one.status == Status.RESOLVED
        waiting += at is None and one.status != Status.RESOLVED
        word = _("later than promised") if is_late else ""
        rows.append(row_of(one, at, word if at else _("nobody was told"), is_bad=is_late))
    beside = [
        told(late, ngettext("%d later than promised", "%d later than promised", late)),
        told(never, ngettext("%d was over with nobody told", "%d were over with nobody told", never)),
        told(waiting, ngettext("%d goes on with nobody told yet", "%d go on with nobody told yet", waiting)),
    ]
    return counted("first_update", rows, beside)


def first_promises(refs: list[str]) -> dict[str, Clock]:
    """The first clock of each incident's updates; most warnings have none."""
    clocks = Clock.objects.filter(kind=UPDATE_CLOCK, subject_ref__in=refs).order_by("subject_ref", "pk")
    return {clock.subject_ref: clock for clock in clocks.distinct("subject_ref")}


def is_overdue(clock: Clock | None, at: datetime) -> bool:
    """Whether the words came, or would come now, after they were due."""
    return clock is not None and (clock.breached_at is not None or (clock.due_at is not None and clock.due_at < at))


def row_of(one: Incident, until: datetime | None, word: str = "", *, is_bad: bool = False) -> Row:
    """An incident with how long it took from its opening until then, in seconds."""
    return Row(
        title=one.display_title,
        path=f"/incidents/{one.ref}",
        about=", ".join(str(touched.customer) for touched in one.customers.all()) or str(_("Our own systems")),
        since=one.opened_at,
        until=until,
        value=(until - one.opened_at).total_seconds() if until else None,
        word=word,
        is_bad=is_bad,
    )


def counted(key: str, rows: list[Row], beside: Iterable[str]) -> Counted:
    """The mean of the rows that have a value; those without come first, as nothing took longer, then the longest."""
    values = [row.value for row in rows if row.value is not None]
    rows.sort(key=lambda row: (row.value is not None, not row.is_bad, -(row.value or 0)))
    return Counted(
        key=key,
        value=mean(values),
        n=len(values),
        median=quantile(values, 0.5),
        p90=quantile(values, 0.9),
        beside=[one for one in beside if one],
        rows=rows,
    )


def told(n: int, sentence: str) -> str:
    """The sentence with its number; "" of none."""
    return sentence % n if n else ""
