"""Which changes an incident names as suspects: what ran when it began, or had just run, and touches what it touches."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from aftercare.incidents.changes.rules import change_rules
from aftercare.incidents.changes.scope import reach_of, scope_of
from aftercare.incidents.changes.story import write_step
from aftercare.incidents.changes.words import suspect_words
from aftercare.incidents.models import Change, ChangeRules, ChangeState, Incident, Kind, Reach, Suspect
from aftercare.incidents.timeline import write_entry
from aftercare.watch.models import Alert
from aftercare.web.languages import in_both

TITLE_AT_MOST = 200
Found = tuple[Reach, timedelta]


def suspect_by_alerts(incident: Incident, alerts: Sequence[Alert], now: datetime) -> None:
    """Name the changes that are close to these alerts of the incident, each once, in its timeline and in their story.

    The incident is locked by the caller.
    """
    rules = change_rules()
    found: dict[Change, Found] = {}
    for change in run_lately(min(alert.opened_at for alert in alerts), max(alert.opened_at for alert in alerts), rules):
        scope = scope_of(change)
        for alert in alerts:
            apart, reach = apart_from(change, alert.opened_at, rules), reach_of(scope, alert)
            if apart is not None and reach is not None:
                found[change] = min(found.get(change, (reach, apart)), (reach, apart))
    keep(incident, found, now)


def suspect_by_customers(incident: Incident, now: datetime) -> None:
    """The same for an incident that was opened by hand: all that is known is whom it touches."""
    touched = set(incident.customers.values_list("customer_id", flat=True))
    rules = change_rules()
    found: dict[Change, Found] = {}
    for change in run_lately(incident.opened_at, incident.opened_at, rules):
        apart = apart_from(change, incident.opened_at, rules)
        if apart is not None and change.customers.filter(removed_at=None, customer__in=touched).exists():
            found[change] = (Reach.CUSTOMER, apart)
    keep(incident, found, now)


def run_lately(first: datetime, last: datetime, rules: ChangeRules) -> QuerySet[Change]:
    """Changes that began before `last` and were not long over at `first`; of an untold begin, the window."""
    longest = timedelta(hours=max(rules.suspected_for_h(kind) for kind in ("change", "cutover", "maintenance")))
    ran = Q(started_at__lte=last) & (Q(ended_at=None) | Q(ended_at__gte=first - longest))
    untold = Q(state=ChangeState.ANNOUNCED, starts_at__lte=last, ends_at__gte=first - longest)
    return Change.objects.filter(ran | untold)


def apart_from(change: Change, at: datetime, rules: ChangeRules) -> timedelta | None:
    """How long after its end `at` is, nothing while it runs; None before its begin, or when it is over for too long."""
    begun = change.started_at or change.starts_at
    over = change.ended_at if change.started_at else change.ends_at
    if at < begun:
        return None
    apart = max(at - over, timedelta(0)) if over is not None else timedelta(0)
    return apart if apart <= timedelta(hours=rules.suspected_for_h(change.kind)) else None


def keep(incident: Incident, found: dict[Change, Found], now: datetime) -> None:
    """A row for each, the best first; one that is known only comes closer."""
    if not found:
        return
    known = {row.change_id: row for row in incident.suspects.all()}
    for change, (reach, apart) in sorted(found.items(), key=lambda one: (one[1], -one[0].pk)):
        row = known.get(change.pk)
        if row is not None:
            if (reach, apart.total_seconds()) < (row.reach, row.apart_s):
                row.reach, row.apart_s = reach, int(apart.total_seconds())
                row.save(update_fields=["reach", "apart_s"])
            continue
        row = Suspect.objects.create(incident=incident, change=change, reach=reach, apart_s=int(apart.total_seconds()))
        words, words_zh = in_both(lambda row=row: suspect_words(row))  # type: ignore[misc]
        write_entry(incident, Kind.SUSPECTED, now=now, sentence=words, sentence_zh=words_zh, change=change.ref)
        write_step(change, "suspected", now=now, incident=incident.title, incident_zh=incident.title_zh)


def list_suspects(incident: Incident) -> list[Suspect]:
    """The incident's suspects: what somebody found to be the cause first, what was cleared last; then the closest."""
    order = {True: 0, None: 1, False: 2}
    rows = incident.suspects.select_related("change", "judged_by")
    return sorted(rows, key=lambda row: (order[row.was_it], row.reach, row.apart_s, -row.pk))


def titled(incident: Incident) -> tuple[str, str]:
    """The incident's title as a page says it, with the first suspect that nobody has cleared, in both languages."""
    first: Iterable[Suspect] = [row for row in list_suspects(incident) if row.was_it is not False][:1]
    title, title_zh = incident.title, incident.title_zh
    for row in first:
        words, words_zh = in_both(lambda row=row: suspect_words(row))  # type: ignore[misc]
        title, title_zh = joined(title, ". ", words), joined(title_zh or title, "。", words_zh)
    return title, title_zh


def joined(title: str, mark: str, words: str) -> str:
    """Both, the title shortened where they are too long together."""
    room = TITLE_AT_MOST - len(mark) - len(words)
    return f"{title[:room]}{mark}{words}" if room > 0 else title[:TITLE_AT_MOST]
