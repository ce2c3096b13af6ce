"""What an incident left to do comes back until it is done or dropped with a reason: to its owner, then above."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aftercare.accounts.models import User
from aftercare.incidents import engine
from aftercare.incidents.models import FollowUp, FollowUpState, Incident
from aftercare.incidents.review.follow_ups import add_follow_up, end_follow_up
from aftercare.incidents.tests.scene import open_alert
from aftercare.notify.models import Delivery
from tests.world import World

DAY, WEEK = timedelta(days=1), timedelta(days=7)


def told(person: User) -> list[str]:
    """The notices a person got, oldest first."""
    sent = Delivery.objects.filter(kind="incident.follow_up", user=person).order_by("pk")
    return list(sent.values_list("title", flat=True))


def test_overdue_follow_ups_come_back(world: World) -> None:
    open_alert(world, at=world.now)
    due_on = (world.now + 10 * DAY).date()
    add_follow_up(
        incident=Incident.objects.get(),
        title="Watch the right port",
        title_zh="监控正确的端口",
        owner=world.eng,
        due_on=due_on,
        actor=world.mei,
        now=world.now,
    )
    zone = ZoneInfo("UTC")
    morning = datetime.combine(due_on, time(9, 0), zone)
    for day in range(10):
        engine.process_due(world.now + day * DAY)
    assert told(world.eng) == ["Follow-up is due: Watch the right port"], "two mornings before, once"
    engine.process_due(morning)
    assert len(told(world.eng)) == 2 and told(world.mei) == [], "on the day itself, its owner alone"
    engine.process_due(morning + DAY)
    assert told(world.eng)[-1] == told(world.mei)[-1] == "Overdue follow-up: Watch the right port"
    assert "Overdue follow-up: Watch the right port" in told(world.ada), "whoever manages hears of it"
    for hours in range(0, 14 * 24, 6):
        engine.process_due(morning + DAY + timedelta(hours=hours))
    assert len(told(world.mei)) == 2, "weekly, not daily"
    late = morning + DAY + 5 * WEEK + timedelta(hours=3)
    for _again in range(3):
        engine.process_due(late)
    assert len(told(world.mei)) == 3, "engines that slept for weeks tell it once"
    engine.process_due(morning + DAY + 6 * WEEK)
    assert len(told(world.mei)) == 4
    row = FollowUp.objects.get()
    assert "Watch the right port" in world.client("mei").get("/post-mortems").content.decode()
    end_follow_up(ref=row.ref, state=FollowUpState.DROPPED, reason="The edge is gone.", actor=world.mei, now=late)
    engine.process_due(morning + 20 * WEEK)
    assert len(told(world.mei)) == 4, "dropped with a reason it stays away"


def test_one_whose_owner_may_act_no_more_goes_to_who_manages(world: World) -> None:
    open_alert(world, at=world.now)
    incident = Incident.objects.get()
    for title in ("first", "second"):
        add_follow_up(
            incident=incident,
            title=title,
            title_zh="",
            owner=world.eng,
            due_on=world.now.date(),
            actor=world.mei,
            now=world.now,
        )
    FollowUp.objects.filter(title="first").update(owner=world.agent)
    engine.process_due(world.now + 2 * DAY)
    assert told(world.eng) == ["Overdue follow-up: second"]
    assert sorted(told(world.mei)) == ["Overdue follow-up: first", "Overdue follow-up: second"]
    assert told(world.agent) == []


def test_where_mail_is_sent_it_comes_by_mail_as_well(world: World, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.provider.example"
    open_alert(world, at=world.now)
    world.eng.language = "zh-hans"
    world.eng.save()
    add_follow_up(
        incident=Incident.objects.get(),
        title="Watch the right port",
        title_zh="监控正确的端口",
        owner=world.eng,
        due_on=world.now.date() + DAY,
        actor=world.mei,
        now=world.now,
    )
    engine.process_due(world.now + 5 * DAY)
    mail = Delivery.objects.get(kind="incident.follow_up", user=world.eng, channel="email")
    assert mail.address == "lin@provider.example" and mail.title == "改进项逾期：监控正确的端口"
