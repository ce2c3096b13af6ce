"""The people above are told when a page takes too long: on time, once, and without a step waiting for it."""

from datetime import timedelta

import pytest

from aftercare.kernel import events
from aftercare.kernel.errors import Refused
from aftercare.notify import engine as sender
from aftercare.notify.events import ContactAnswered
from aftercare.notify.models import Delivery
from aftercare.notify.tests.receiver import Receiver
from aftercare.oncall import actions, engine, management, queries
from aftercare.oncall.actions import Rung
from aftercare.oncall.models import ManagementNotice, ManagementRung, Page
from aftercare.oncall.tests.cast import Duty

MINUTE = timedelta(minutes=1)


@pytest.fixture
def above(duty: Duty) -> Duty:
    """Mei is told after 15 minutes without an answer, Ada after 30 where a red page is not over."""
    world = duty.world
    rungs = [Rung(15, world.mei, title="Team lead"), Rung(30, world.ada, until="over", title="Director")]
    actions.save_rungs(rungs=rungs, actor=world.ada, now=duty.now)
    return duty


def told(page: Page) -> list[str]:
    """Who was told from above, in order."""
    notices = page.notices.filter(firing=0, channel="push").order_by("id")
    return [notice.user.name for notice in notices.select_related("user")]


def test_it_works(above: Duty, receiver: Receiver) -> None:
    above.hook(above.world.mei, receiver.url)
    page = above.page()
    for n, expected in ((14, []), (15, ["Mei"]), (16, ["Mei"]), (30, ["Mei", "Ada"]), (120, ["Mei", "Ada"])):
        management.process_due(above.now + n * MINUTE)
        assert told(page) == expected, n
    sender.process_due(above.now + 120 * MINUTE)
    said = receiver.take().body
    assert said["type"] == "page.unheard" and "You are told as Team lead." in said["data"]["body"]
    assert "Nobody has it after 15 min" in said["data"]["body"] and "acknowledge_url" in said["data"]["details"]
    shown = above.world.client("eng").get(f"/pages/{page.ref}").content.decode()
    assert "Management escalation" in shown and "Director" in shown


def test_it_neither_hurries_nor_holds_a_step(above: Duty, receiver: Receiver) -> None:
    """What is told above fails at the vendor, and the technical step's own message has gone."""
    above.hook(above.world.mei, receiver.url)
    receiver.answer = lambda received: (404, {})
    page = above.page()
    step_at = Page.objects.get(pk=page.pk).next_step_at
    management.process_due(above.now + 15 * MINUTE)
    sender.process_due(above.now + 15 * MINUTE)
    receiver.take()
    page.refresh_from_db()
    assert (page.next_step_at, page.firings) == (step_at, 1)


def test_whoever_has_it_spares_those_who_would_hear_that_nobody_has(above: Duty) -> None:
    page = above.page()
    actions.acknowledge_page(page=page, user=above.world.eng, via="console", now=above.now)
    management.process_due(above.now + 20 * MINUTE)
    assert told(page) == []
    management.process_due(above.now + 30 * MINUTE)
    assert told(page) == ["Ada"], "it is not over"
    body = Delivery.objects.filter(kind="page.not_over").values_list("body", flat=True)[0]
    assert "Lin has it, but it is not over after 30 min" in body


def test_passed_on_again_it_is_due_as_it_was(above: Duty) -> None:
    page = above.page()
    actions.acknowledge_page(page=page, user=above.world.eng, via="console", now=above.now)
    management.process_due(above.now + 20 * MINUTE)
    actions.escalate_page(page=page, user=above.world.eng, now=above.now + 21 * MINUTE)
    management.process_due(above.now + 21 * MINUTE)
    assert told(page) == ["Mei"]


def test_a_page_that_is_over_tells_nobody(above: Duty) -> None:
    page = above.page()
    actions.close_page(subject_ref="inc-1", now=above.now + 10 * MINUTE)
    management.process_due(above.now + 60 * MINUTE)
    assert told(page) == [] and not ManagementNotice.objects.exists()


def test_what_still_waits_to_be_sent_is_taken_back(above: Duty) -> None:
    contact = above.hook(above.world.mei, "https://hooks.example.com/mei")
    contact.after_s = 120
    contact.save()
    page = above.page()
    management.process_due(above.now + 15 * MINUTE)
    actions.acknowledge_page(page=page, user=above.world.eng, via="console", now=above.now + 16 * MINUTE)
    assert Delivery.objects.get(kind="page.unheard", channel="webhook").state == "dropped"


def test_severity_counts_and_a_page_that_becomes_red_counts_from_then(above: Duty) -> None:
    page = above.page(severity="warning")
    management.process_due(above.now + 60 * MINUTE)
    assert told(page) == []
    above.page(severity="red", now=above.now + 60 * MINUTE)
    management.process_due(above.now + 74 * MINUTE)
    assert told(page) == []
    management.process_due(above.now + 75 * MINUTE)
    assert told(page) == ["Mei"]


def test_a_running_page_keeps_what_it_began_with(above: Duty) -> None:
    page = above.page()
    actions.save_rungs(rungs=[], actor=None, now=above.now)
    assert not ManagementRung.objects.exists()
    management.process_due(above.now + 15 * MINUTE)
    assert told(page) == ["Mei"]
    assert told(above.page(subject_ref="inc-2")) == []


def test_a_crash_tells_nobody_twice_and_forgets_nobody(above: Duty, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row that says so and the messages are one transaction; whoever raises is put off and holds no other."""
    page, other = above.page(), above.page(subject_ref="inc-2")
    real = management.draft_of

    def torn(about: Page, *rest: object) -> Delivery:
        if about.pk == page.pk:
            raise RuntimeError("killed")
        return real(about, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(management, "draft_of", torn)
    assert management.process_due(above.now + 15 * MINUTE) == 1
    assert (told(page), told(other)) == ([], ["Mei"])
    monkeypatch.setattr(management, "draft_of", real)
    assert management.process_due(above.now + 15 * MINUTE) == 0, "put off"
    assert management.process_due(above.now + 16 * MINUTE) == 1
    assert management.process_due(above.now + 16 * MINUTE) == 0
    assert told(page) == ["Mei"]


def test_they_may_answer(above: Duty) -> None:
    above.hook(above.world.mei, "https://hooks.example.com/mei")
    page = above.page()
    management.process_due(above.now + 15 * MINUTE)
    delivery = Delivery.objects.get(kind="page.unheard", channel="webhook")
    answered = ContactAnswered(delivery.pk, page.ref, above.world.mei.pk, "webhook", "take", above.now + 16 * MINUTE)
    events.publish(answered)
    page.refresh_from_db()
    assert page.acknowledged_by == above.world.mei


def test_in_place_of_who_has_left_everyone_who_manages_is_told(above: Duty) -> None:
    page = above.page()
    above.world.mei.is_active = False
    above.world.mei.save()
    management.process_due(above.now + 15 * MINUTE)
    assert told(page) == ["Ada"]
    found = queries.coverage(above.now)
    assert [(one.rung.title, one.has_left) for one in found.rungs] == [("Team lead", True), ("Director", False)]
    shown = above.world.client("agent").get("/oncall/coverage").content.decode()
    assert "Above, but out of reach" in shown and "Director" in shown


def test_the_auditor_finds_one_that_was_forgotten(above: Duty) -> None:
    page = above.page()
    later = above.now + 17 * MINUTE
    Page.objects.update(next_step_at=later)
    assert engine.audit_open_pages(later) == [page]
    management.process_due(later)
    assert engine.audit_open_pages(later) == []


def test_the_form(duty: Duty) -> None:
    client, world = duty.world.client("ada"), duty.world
    shown = client.get("/oncall/management").content.decode()
    assert all(f'value="{minutes}"' in shown for minutes in (15, 30, 60)) and "Vice president" in shown
    form = {
        "rung_0-minutes": "15",
        "rung_0-severity": "red",
        "rung_0-until": "acknowledged",
        "rung_0-user": world.mei.ref,
        "rung_0-title": "Lead",
        "rung_1-minutes": "30",
        "rung_1-severity": "red",
        "rung_1-until": "over",
        "rung_1-user": "",
    }
    assert client.post("/oncall/management", form).status_code == 302
    (rung,) = ManagementRung.objects.all()
    assert (rung.minutes, rung.user, rung.title) == (15, world.mei, "Lead")
    assert "Lead" in client.get("/oncall/policies").content.decode()
    assert client.post("/oncall/management", form | {"rung_0-minutes": "0"}).status_code == 400
    for name, status in (("eng", 403), ("zhao", 404), ("stranger", 404)):
        assert world.client(name).post("/oncall/management", form).status_code == status


def test_a_customers_person_is_never_told(duty: Duty) -> None:
    with pytest.raises(Refused, match="none of the provider"):
        actions.save_rungs(rungs=[Rung(15, duty.world.zhao)], actor=None, now=duty.now)
    form = {
        "rung_0-minutes": "15",
        "rung_0-severity": "red",
        "rung_0-until": "over",
        "rung_0-user": duty.world.zhao.ref,
    }
    assert duty.world.client("ada").post("/oncall/management", form).status_code == 400
