"""Calendars over the API; clocks are told with what they are about."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status

from aftercare.accounts.access import provider_with
from aftercare.accounts.models import User
from aftercare.clocks.calendars import days_ahead, remove_calendar, save_calendar
from aftercare.clocks.forms import CalendarForm
from aftercare.clocks.hours_text import write_hours
from aftercare.clocks.models import Calendar
from aftercare.clocks.queries import hours_of_calendar
from aftercare.clocks.types import checked_blocks
from aftercare.kernel.clock import utc_now
from aftercare.web.api import valid

router = Router(tags=["calendars"])
MANAGES = "manage_desk"


class SpecialDay(Schema):
    """A date on which the calendar differs from its week and its country's holidays; empty hours are closed."""

    day: date
    hours: str = ""
    label: str = ""


class CalendarIn(Schema):
    """Opening hours: seven texts, Monday first, like 09:00-12:00, 13:30-18:00; empty is closed."""

    name: str
    name_zh: str = ""
    timezone: str = "Asia/Shanghai"
    country: str = Field("", description="ISO 3166 of the public holidays that it follows")
    is_default: bool = False
    week: list[str]
    special_days: list[SpecialDay] = []


class DayAheadOut(Schema):
    """One day as clocks will count it."""

    day: date
    hours: str
    label: str


class CalendarOut(CalendarIn):
    """A calendar with its coming two weeks."""

    ref: str
    ahead: list[DayAheadOut]


@router.get("/calendars", response=list[CalendarOut], summary="Calendars")
def list_calendars(request: HttpRequest) -> list[dict[str, Any]]:
    """Every calendar."""
    provider_with(request, MANAGES)
    return [told(calendar) for calendar in Calendar.objects.prefetch_related("special_days")]


@router.post("/calendars", response={201: CalendarOut}, summary="Make a calendar")
def add(request: HttpRequest, facts: CalendarIn) -> Status[dict[str, Any]]:
    """A new one."""
    return Status(201, kept(provider_with(request, MANAGES), None, facts))


@router.get("/calendars/{ref}", response=CalendarOut, summary="One calendar")
def get_one(request: HttpRequest, ref: str) -> dict[str, Any]:
    """The calendar."""
    provider_with(request, MANAGES)
    return told(get_object_or_404(Calendar, ref=ref))


@router.put("/calendars/{ref}", response=CalendarOut, summary="Change a calendar")
def change(request: HttpRequest, ref: str, facts: CalendarIn) -> dict[str, Any]:
    """Clocks that run keep the hours they began with."""
    user = provider_with(request, MANAGES)
    return kept(user, get_object_or_404(Calendar, ref=ref), facts)


@router.delete("/calendars/{ref}", response={204: None}, summary="Take a calendar away")
def remove(request: HttpRequest, ref: str) -> Status[None]:
    """409 with what uses it, and for the default one."""
    user = provider_with(request, MANAGES)
    remove_calendar(calendar=get_object_or_404(Calendar, ref=ref), actor=user, now=utc_now())
    return Status(204, None)


def kept(user: User, calendar: Calendar | None, facts: CalendarIn) -> dict[str, Any]:
    """The calendar as the call says it, checked by the page's own form."""
    form_facts: dict[str, Any] = facts.model_dump(exclude={"week", "special_days"})
    form_facts |= {f"week_{n}": hours for n, hours in enumerate(facts.week)}
    for n, special in enumerate(facts.special_days):
        form_facts |= {f"day_{n}": special.day, f"hours_{n}": special.hours, f"label_{n}": special.label}
    form = CalendarForm(form_facts, calendar=calendar)
    valid(form)
    return told(save_calendar(calendar=calendar, facts=form.facts(), actor=user, now=utc_now()))


def told(calendar: Calendar) -> dict[str, Any]:
    """A calendar as it is written, and as it will count."""
    now = utc_now()
    hours = hours_of_calendar(calendar, around=now.date())
    names = ("ref", "name", "name_zh", "timezone", "country", "is_default")
    return {
        **{name: getattr(calendar, name) for name in names},
        "week": [write_hours(checked_blocks(blocks)) for blocks in calendar.week],
        "special_days": [
            {"day": one.day, "hours": write_hours(checked_blocks(one.blocks)), "label": one.label}
            for one in calendar.special_days.all()
        ],
        "ahead": days_ahead(hours, now.astimezone(hours.zone).date()),
    }
