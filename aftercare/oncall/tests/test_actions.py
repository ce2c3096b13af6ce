"""Starting, acknowledging, passing on, closing."""

from datetime import timedelta

import pytest

from aftercare.audit.models import Entry
from aftercare.kernel.errors import Refused
from aftercare.notify.models import Delivery, State
from aftercare.oncall import actions
from aftercare.oncall.models import Page, PageState
from aftercare.oncall.tests.cast import Duty

MINUTE = timedelta(minutes=1)


def test_one_subject_has_one_live_page(duty: Duty) -> None:
    assert duty.page() == duty.page()
    assert Page.objects.count() == 1
    actions.close_page(subject_ref="inc-1", now=duty.now)
    assert duty.page() != Page.objects.order_by("id").first()


def test_a_warning_that_becomes_red_starts_over(duty: Duty) -> None:
    first = duty.page(severity="warning")
    page = duty.page(now=duty.now + MINUTE)
    assert (page.pk, page.severity, page.firings) == (first.pk, "red", 2)
    pages = Delivery.objects.filter(kind="page").order_by("id")
    assert [(d.urgency, d.state) for d in pages] == [("routine", State.DROPPED), ("urgent", State.PENDING)]


def test_acknowledging_stops_everything(duty: Duty) -> None:
    page = duty.page()
    taken = actions.acknowledge_page(page=page, user=duty.world.eng, via="phone", now=duty.now + MINUTE)
    assert (taken.state, taken.acknowledged_by, taken.acknowledged_via) == ("acknowledged", duty.world.eng, "phone")
    assert taken.next_step_at is None
    assert Delivery.objects.get(kind="page").state == State.DROPPED
    assert Entry.objects.filter(action="page.acknowledge", subject=page.ref).count() == 1


def test_the_first_to_acknowledge_holds(duty: Duty) -> None:
    page = duty.page()
    actions.acknowledge_page(page=page, user=duty.world.eng, via="phone", now=duty.now)
    second = actions.acknowledge_page(page=page, user=duty.world.mei, via="console", now=duty.now)
    assert second.acknowledged_by == duty.world.eng


def test_others_who_were_paged_are_told_quietly(duty: Duty) -> None:
    page = duty.page()
    actions.escalate_page(page=page, user=duty.world.eng, now=duty.now)
    actions.acknowledge_page(page=page, user=duty.world.ada, via="phone", now=duty.now)
    quiet = Delivery.objects.get(kind="page.acknowledged")
    assert (quiet.user, quiet.urgency) == (duty.world.eng, "routine")
    assert quiet.title == "Ada has it: Freeze rate 6.2% in Starlight Live"


def test_passing_on_wakes_the_next_person_now(duty: Duty) -> None:
    page = actions.escalate_page(page=duty.page(), user=duty.world.eng, reason="on a train", now=duty.now)
    assert [n.user.name for n in page.notices.order_by("id")] == ["Lin", "Ada"]
    entry = Entry.objects.get(action="page.escalate")
    assert entry.detail["reason"] == "on a train"


def test_passing_on_after_acknowledging_opens_the_page_again(duty: Duty) -> None:
    page = actions.acknowledge_page(page=duty.page(), user=duty.world.eng, via="phone", now=duty.now)
    page = actions.escalate_page(page=page, user=duty.world.eng, now=duty.now + MINUTE)
    assert (page.state, page.acknowledged_by) == (PageState.OPEN, None)
    assert page.next_step_at == duty.now + 6 * MINUTE


def test_closing_tells_whoever_was_paged(duty: Duty) -> None:
    page = duty.page()
    closed = actions.close_page(subject_ref="inc-1", now=duty.now + MINUTE)
    assert closed == page and closed is not None and closed.closed_at == duty.now + MINUTE
    assert Delivery.objects.get(kind="page.closed").title == "Over: Freeze rate 6.2% in Starlight Live"
    assert actions.close_page(subject_ref="inc-1", now=duty.now) is None


def test_people_are_told_in_their_language(duty: Duty) -> None:
    duty.world.eng.language = "zh-hans"
    duty.world.eng.save()
    duty.page()
    delivery = Delivery.objects.get(kind="page")
    assert delivery.title == "星光直播视频卡顿率 6.2%"
    assert "认领" in delivery.body


def test_people_without_the_right_are_refused(duty: Duty) -> None:
    page = duty.page()
    for person in (duty.world.agent, duty.world.zhao, duty.world.viewer):
        with pytest.raises(Refused):
            actions.acknowledge_page(page=page, user=person, via="console", now=duty.now)
        with pytest.raises(Refused):
            actions.escalate_page(page=page, user=person, now=duty.now)
