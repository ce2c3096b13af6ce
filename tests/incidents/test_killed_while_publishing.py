"""A process that dies at any statement of publishing a report, or of reminding an owner, loses and doubles nothing."""

from datetime import timedelta

from aftercare.clocks.models import Clock, ClockState
from aftercare.desk.models import Message
from aftercare.incidents.actions import resolve_incident
from aftercare.incidents.models import FollowUp, Incident, PostMortem, Publication
from aftercare.incidents.review import post_mortem
from aftercare.incidents.review.follow_ups import add_follow_up, remind_due
from aftercare.incidents.tests.scene import open_alert
from aftercare.notify.models import Delivery
from tests.paging.dying import dies_after
from tests.paging.night import Night

MOST_STATEMENTS = 200


def test_publishing_at_every_statement(open_night: Night) -> None:
    world = open_night.world
    now = world.now
    open_alert(world, at=now)
    incident = Incident.objects.get()
    resolve_incident(incident=incident, user=world.eng, anyway=True, now=now)
    row = post_mortem.begin(incident=incident, actor=world.eng, now=now)
    content = row.content
    content["texts"] |= {"impact": {"en": "Stalls.", "zh": "卡顿。"}, "cause": {"en": "An edge.", "zh": "节点。"}}
    row = post_mortem.save(post_mortem=row, content=content, seen=1, actor=world.eng, now=now)
    row = post_mortem.move(post_mortem=row, state="review", seen=2, actor=world.eng, now=now)
    words = {"post_mortem": row, "customers": [world.show], "seen": 2, "actor": world.eng, "now": now}
    for number in range(MOST_STATEMENTS):
        if not dies_after(number, lambda: post_mortem.publish(**words)):
            break
        assert not Publication.objects.exists() and PostMortem.objects.get().state == "review"
        assert not Message.objects.filter(body__contains="/post-mortems/").exists()
        assert Clock.objects.get(kind="incident_report").state == ClockState.RUNNING
    assert 10 < number < MOST_STATEMENTS - 1
    post_mortem.publish(**words)
    assert Publication.objects.count() == Message.objects.filter(body__contains="/post-mortems/").count() == 1
    assert Clock.objects.get(kind="incident_report").state == ClockState.STOPPED


def test_reminding_at_every_statement(open_night: Night) -> None:
    world = open_night.world
    open_alert(world, at=world.now)
    incident, late = Incident.objects.get(), world.now + timedelta(days=5)
    for number in range(MOST_STATEMENTS):
        row = add_follow_up(
            incident=incident,
            title=f"number {number}",
            title_zh="",
            owner=world.eng,
            due_on=world.now.date() + timedelta(days=1),
            actor=world.mei,
            now=world.now,
        )
        died = dies_after(number, lambda: remind_due(late))
        told = Delivery.objects.filter(kind="incident.follow_up", subject_ref=row.ref)
        assert told.count() == 3 * FollowUp.objects.get(pk=row.pk).notices, "with the notice goes the mark, or neither"
        remind_due(late)
        assert told.count() == 3, "its owner and who manages, each once"
        FollowUp.objects.filter(pk=row.pk).delete()
        if not died:
            break
    assert 5 < number < MOST_STATEMENTS - 1
