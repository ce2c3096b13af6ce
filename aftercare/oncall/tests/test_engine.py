"""Escalation: who is woken when nobody answers, and what a pause of the engine does."""

from datetime import timedelta
from typing import Any

import pytest

from aftercare.kernel import events
from aftercare.notify import engine as sender
from aftercare.notify.engine import claims
from aftercare.notify.engine.sender import Sender
from aftercare.notify.models import Delivery
from aftercare.notify.tests.receiver import Receiver
from aftercare.oncall import actions, engine
from aftercare.oncall.events import PageEscalated, PagesDelivered
from aftercare.oncall.models import Page, PageAudit, Schedule
from aftercare.oncall.tests.cast import Duty, empty

MINUTE = timedelta(minutes=1)


def told(page: Page) -> list[str]:
    """Who was told by push, in order."""
    rows = page.notices.filter(channel="push").order_by("id")
    return [notice.user.name for notice in rows.select_related("user")]


def fresh(page: Page) -> Page:
    return Page.objects.get(pk=page.pk)


def test_it_works(duty: Duty, receiver: Receiver) -> None:
    contact = duty.hook(duty.world.eng, receiver.url)
    page = duty.page()
    assert told(page) == ["Lin"]
    assert page.next_step_at == duty.now + 5 * MINUTE
    sender.process_due(duty.now)
    message = receiver.take()
    message.verify(contact.secret)
    data = message.body["data"]
    assert (message.body["type"], data["urgency"], data["details"]["severity"]) == ("page", "urgent", "red")
    assert data["title"] == "Freeze rate 6.2% in Starlight Live"
    assert "the next person is woken at 12:05 UTC+8" in data["body"]
    assert data["details"]["room"].endswith("/incidents/inc-1")
    assert f"/p/{page.ref}/" in data["details"]["acknowledge_url"]


def test_steps_follow_one_another_until_everyone_is_told(duty: Duty) -> None:
    page, now = duty.page(), duty.now
    for _step in range(5):
        now += 5 * MINUTE
        assert engine.process_due(now - timedelta(seconds=1)) == 0
        assert engine.process_due(now) == 1
        sender.process_due(now)
    assert told(page) == ["Lin", "Ada", "Lin", "Ada", "Ada", "Mei", "Ada", "Mei"]
    assert fresh(page).next_step_at == now + 5 * MINUTE, "an open page never goes quiet"


def test_an_engine_that_slept_makes_no_burst(duty: Duty, receiver: Receiver) -> None:
    for person in (duty.world.eng, duty.world.mei, duty.world.ada):
        duty.hook(person, f"{receiver.url}/{person.name}")
    page = duty.page()
    late = duty.now + 11 * MINUTE
    assert engine.process_due(late) == 1, "two delays went by: one step, not two"
    assert engine.process_due(late) == 0
    sender.process_due(late)
    assert sorted(message.path for message in receiver.inbox) == ["/hook/Ada", "/hook/Lin"]
    receiver.inbox.clear()
    assert fresh(page).next_step_at == late + 5 * MINUTE


def test_a_sender_that_slept_sends_one_message_a_person(duty: Duty, receiver: Receiver) -> None:
    duty.hook(duty.world.eng, receiver.url)
    duty.page()
    for n in (5, 10, 15):
        engine.process_due(duty.now + n * MINUTE)
    sender.process_due(duty.now + 16 * MINUTE)
    receiver.take()


def test_a_step_with_nobody_on_it_is_passed_at_once(duty: Duty) -> None:
    empty(duty.primary)
    page = duty.page()
    assert told(page) == ["Ada"]
    assert page.next_step_at == duty.now + 5 * MINUTE


def test_with_nobody_at_all_everyone_who_manages_is_told(duty: Duty) -> None:
    Schedule.objects.all().delete()
    page = duty.page()
    assert told(page) == ["Ada", "Mei"]
    assert page.next_step_at is not None


def test_a_message_that_cannot_be_sent_wakes_the_next_person_now(duty: Duty, receiver: Receiver) -> None:
    duty.hook(duty.world.eng, receiver.url)
    receiver.answer = lambda received: (404, {})
    page = duty.page()
    sender.process_due(duty.now)
    receiver.take()
    assert engine.process_due(duty.now + timedelta(seconds=2)) == 1
    assert told(page) == ["Lin", "Ada"]


@pytest.mark.parametrize("repeat", [0, 2])
def test_failing_messages_never_call_in_a_hurry_for_ever(duty: Duty, receiver: Receiver, repeat: int) -> None:
    """The last step has nobody on it, and nobody's webhook works."""
    empty(duty.backup)
    steps = [(duty.primary, 300), (duty.backup, 300)]
    actions.save_policy(steps=steps, repeat=repeat, actor=duty.world.ada, now=duty.now)
    for person in (duty.world.eng, duty.world.mei, duty.world.ada):
        duty.hook(person, receiver.url)
    receiver.answer = lambda received: (404, {})
    page = duty.page()
    for second in range(0, 600, 10):
        sender.process_due(duty.now + timedelta(seconds=second))
        engine.process_due(duty.now + timedelta(seconds=second))
    receiver.inbox.clear()
    assert fresh(page).firings == 2


def test_a_running_page_keeps_its_policy(duty: Duty) -> None:
    page = duty.page()
    actions.save_policy(steps=[(duty.backup, 60)], repeat=0, actor=duty.world.ada, now=duty.now)
    for n in (5, 10):
        sender.process_due(duty.now)
        engine.process_due(duty.now + n * MINUTE)
    assert told(page) == ["Lin", "Ada", "Lin"]
    assert page.policy_snapshot["version"] == 1


def test_acknowledged_and_closed_pages_take_no_step(duty: Duty, receiver: Receiver) -> None:
    duty.hook(duty.world.ada, receiver.url)
    first, second = duty.page(), duty.page(subject_ref="inc-2")
    actions.acknowledge_page(page=first, user=duty.world.eng, via="console", now=duty.now)
    actions.close_page(subject_ref="inc-2", now=duty.now)
    assert engine.process_due(duty.now + 60 * MINUTE) == 0
    sender.process_due(duty.now + 60 * MINUTE)
    assert {told(first)[0], told(second)[0]} == {"Lin"}


def test_it_tells_the_rooms_above(duty: Duty) -> None:
    heard: list[Any] = []
    for event in (PagesDelivered, PageEscalated):
        events.subscribe(event, heard.append)
    try:
        page = duty.page()
        sender.process_due(duty.now)
        engine.process_due(duty.now + 5 * MINUTE)
    finally:
        for event in (PagesDelivered, PageEscalated):
            events._handlers[event].remove(heard.append)
    went, escalated = heard
    (delivered,) = went.reached
    assert (delivered.page_id, delivered.user_id, delivered.channel) == (page.pk, duty.world.eng.pk, "push")
    assert delivered.subject_ref == escalated.subject_ref == "inc-1"
    assert escalated.user_ids == (duty.world.ada.pk,)


def test_one_page_that_raises_does_not_hold_the_others(duty: Duty, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, whole = duty.page(), duty.page(subject_ref="inc-2")
    Page.objects.filter(pk=broken.pk).update(policy_snapshot={})
    later = duty.now + 5 * MINUTE
    assert engine.process_due(later) == 1
    assert told(whole) == ["Lin", "Ada"]
    assert fresh(broken).next_step_at == later + timedelta(seconds=30)


def test_the_auditor_finds_forgotten_and_late_pages(duty: Duty) -> None:
    fine, forgotten, late = duty.page(), duty.page(subject_ref="inc-2"), duty.page(subject_ref="inc-3")
    assert engine.audit_open_pages(duty.now + MINUTE) == []
    Page.objects.filter(pk=forgotten.pk).update(next_step_at=None)
    Page.objects.filter(pk=late.pk).update(next_step_at=duty.now - 10 * MINUTE)
    found = engine.audit_open_pages(duty.now + MINUTE)
    assert {page.pk for page in found} == {forgotten.pk, late.pk}
    kept = PageAudit.objects.order_by("-id").first()
    assert kept is not None
    assert (kept.open_pages, set(kept.offending)) == (3, {forgotten.ref, late.ref})
    assert engine.process_due(duty.now + MINUTE) == 2, "the forgotten page goes on"
    assert told(fine) == ["Lin"]


def test_a_warning_is_routine(duty: Duty) -> None:
    duty.page(severity="warning")
    assert set(Delivery.objects.values_list("urgency", flat=True)) == {"routine"}


def test_crash_between_call_and_record_repeats_the_page(duty: Duty, receiver: Receiver) -> None:
    duty.hook(duty.world.eng, receiver.url)
    duty.page()
    dead = Sender()
    assert claims.claim(duty.now, limit=16, routine_limit=8, busy=[])
    dead.process_due(duty.now + timedelta(seconds=11))
    assert receiver.take().body["data"]["title"].startswith("Repeat: ")
