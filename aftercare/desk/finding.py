"""The real sessions beside a ticket: what its messages mention, looked up in telemetry."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse

from aftercare.accounts.access import apps_for
from aftercare.accounts.models import App, User
from aftercare.desk.access import messages_for
from aftercare.desk.mentions import Mentions, Moment, find_mentions
from aftercare.desk.models import Fact, Side, Ticket, TicketFact
from aftercare.telemetry.queries import search_sessions

AROUND = timedelta(minutes=30)
BEFORE = timedelta(hours=24)
LOOKED_UP, SHOWN, APPS, READ = 4, 5, 3, 20


@dataclass(frozen=True)
class Match:
    """Sessions of one mentioned identifier in one app. `url` is telemetry's own search, filled in."""

    app: App
    text: str
    rows: list[dict[str, Any]]
    total: int
    url: str


@dataclass(frozen=True)
class Beside:
    """What stands beside a ticket: what was recognised, the span that was searched, what was found."""

    mentions: Mentions
    start: datetime
    end: datetime
    matches: list[Match]
    apps: list[App]
    asked: str

    @property
    def filled_in(self) -> str:
        """What the search box holds: what was typed, else the narrowest of what is mentioned."""
        return self.asked or next(iter(self.mentions.all_ids), "")


def sessions_beside(user: User, ticket: Ticket, *, asked: str = "", now: datetime) -> Beside:
    """Sessions of the users, streams and sessions that the ticket mentions, around the times that it mentions.

    Without a time: the day before the ticket's first words until now, a day at most. `asked` is what a person typed.
    """
    mentions = mentions_of(user, ticket)
    start, end = span_of(mentions.times, ticket, now)
    apps = apps_of(user, ticket)
    texts = [asked] if asked else list(mentions.all_ids[:LOOKED_UP])
    matches, seen = list[Match](), set[str]()
    for text in texts:
        for app in apps:
            match = look_up(app, text, start, end)
            if match is not None:  # a session is shown once, under the narrowest that finds it
                matches.append(replace(match, rows=[row for row in match.rows if row["session"] not in seen]))
                seen |= {row["session"] for row in match.rows}
    return Beside(mentions, start, end, matches, apps, asked)


def mentions_of(user: User, ticket: Ticket) -> Mentions:
    """What the last messages of people, the title and the fields told mention, each read by its own time."""
    zone = ZoneInfo(ticket.customer.timezone)
    told = messages_for(user, ticket).exclude(side=Side.SYSTEM).order_by("-created_at", "-pk")[:READ]
    found = [find_mentions(message.body, written_at=message.created_at, zone=zone) for message in told]
    found.append(find_mentions(ticket.title, written_at=ticket.created_at, zone=zone))
    facts = dict(TicketFact.objects.filter(ticket=ticket, session="").values_list("field", "value"))
    when = find_mentions(facts.get(Fact.TIME, ""), written_at=ticket.created_at, zone=zone).times
    return Mentions(
        users=joined([*filter(None, [facts.get(Fact.USER)]), *(one for each in found for one in each.users)]),
        streams=joined([*filter(None, [facts.get(Fact.ROOM)]), *(one for each in found for one in each.streams)]),
        sessions=joined([one for each in found for one in each.sessions]),
        times=tuple({moment.at: moment for moment in (*when, *(one for each in found for one in each.times))}.values()),
    )


def joined(found: Sequence[str]) -> tuple[str, ...]:
    """Each once."""
    return tuple(dict.fromkeys(found))


def span_of(times: Sequence[Moment], ticket: Ticket, now: datetime) -> tuple[datetime, datetime]:
    """Around the mentioned times, a day at most; else the day before the ticket's first words, and what came after."""
    past = [moment.at for moment in times if moment.at <= now]
    if past:
        latest = max(past)
        first = min(at for at in past if latest - at <= BEFORE)
        return first - AROUND, min(latest + AROUND, now)
    return ticket.created_at - BEFORE, min(ticket.created_at + BEFORE, now)


def apps_of(user: User, ticket: Ticket) -> list[App]:
    """The ticket's app; without one the customer's, the first few."""
    apps = apps_for(user).filter(customer_id=ticket.customer_id)
    return list(apps.filter(pk=ticket.app_id) if ticket.app_id else apps.order_by("pk")[:APPS])


def look_up(app: App, text: str, start: datetime, end: datetime) -> Match | None:
    """The worst sessions of one identifier; None where there are none. Users are hashed as at the door."""
    found = search_sessions(app, start=start, end=end, text=text, per_page=SHOWN)
    if not found.rows:
        return None
    query = urlencode({"q": text, "from": start.isoformat(), "to": end.isoformat()})
    url = f"{reverse('telemetry:sessions', args=[app.ref])}?{query}"
    return Match(app, text, found.rows, found.total, url)
