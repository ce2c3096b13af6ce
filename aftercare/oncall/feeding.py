"""A calendar as programs read it (RFC 5545): one event for each shift."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from icalendar import Calendar, Event

from aftercare.oncall.models import Feed, Schedule
from aftercare.oncall.queries.shifts import Shift, shifts

BEFORE, AHEAD = timedelta(days=14), timedelta(days=90)
PRODUCT = "-//Aftercare//On call//EN"


def calendar_of(feed: Feed, now: datetime) -> bytes:
    """Two weeks back and 90 days ahead: of the feed's schedule everybody, else the owner's own time on all."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", feed.schedule.name if feed.schedule else f"{feed.owner.name} · Aftercare")
    calendar.add("refresh-interval;value=duration", "PT1H")
    for schedule, shift in told_shifts(feed, now):
        calendar.add_component(event_of(feed, schedule, shift, now))
    written: bytes = calendar.to_ical()
    return written


def told_shifts(feed: Feed, now: datetime) -> Iterator[tuple[Schedule, Shift]]:
    """What the feed is about."""
    schedules = [feed.schedule] if feed.schedule else Schedule.objects.all()
    # From a midnight on: what began before is cut there, and must not be another event at each reading.
    start = (now - BEFORE).replace(hour=0, minute=0, second=0, microsecond=0)
    for schedule in schedules:
        for shift in shifts(schedule, start, now + AHEAD):
            if shift.users and (feed.schedule or feed.owner in shift.users):
                yield schedule, shift


def event_of(feed: Feed, schedule: Schedule, shift: Shift, now: datetime) -> Event:
    """One shift; its identity is its schedule, its people and its begin, so that a calendar knows it again."""
    event = Event()
    people = "-".join(user.ref for user in shift.users)
    event.add("uid", f"{schedule.ref}-{shift.starts_at:%Y%m%dT%H%M%SZ}-{people}@aftercare")
    event.add("dtstamp", now)
    event.add("dtstart", shift.starts_at)
    event.add("dtend", shift.ends_at)
    event.add("summary", f"{schedule.name}: {shift.names}" if feed.schedule else schedule.name)
    event.add("url", f"{settings.BASE_URL}/oncall")
    if shift.change and shift.change.reason:
        event.add("description", shift.change.reason)
    return event
