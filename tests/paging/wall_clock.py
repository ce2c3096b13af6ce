"""Days by the wall clock of a zone, Lin and Mei in turn, and whom a page wakes at an instant of them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from aftercare.oncall import actions, queries
from tests.paging.night import Night

MINUTE = timedelta(minutes=1)


def in_turn(night: Night, zone: str, starts: str) -> None:
    """From this local time on Lin and Mei have a day each; they alone are woken."""
    world = night.world
    document = actions.turns_document(
        timezone=zone, turns=[[world.eng], [world.mei]], starts=datetime.fromisoformat(starts), every="day"
    )
    schedule = actions.save_schedule(name=zone, document=document, actor=world.ada, now=night.now)
    night.order(schedule)
    night.duty.primary = schedule


def woken_at(night: Night, instant: str) -> list[str]:
    """Who hears a page that begins at this instant of UTC."""
    night.now = datetime.fromisoformat(f"{instant}+00:00")
    page = night.page(subject_ref=f"inc-{instant}")
    night.work()
    night.take(page, "ada")
    return night.heard()


def hours_of_shifts(night: Night, zone: str, start: str, days: int) -> list[float]:
    """How long the shifts are that begin in these days from a local time on."""
    begins = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(zone))
    held = queries.shifts(night.duty.primary, begins, begins + timedelta(days=days + 1))
    return [(shift.ends_at - shift.starts_at) / timedelta(hours=1) for shift in held[:days]]
