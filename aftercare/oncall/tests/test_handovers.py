"""Changes of shift: a drafted note, signing in, and the page about somebody who does not."""

from datetime import datetime, timedelta

import pytest

from aftercare.kernel.errors import Refused
from aftercare.notify.models import Delivery
from aftercare.oncall import actions
from aftercare.oncall.handing_over import process_shifts
from aftercare.oncall.models import Handover, Page, PageState, Schedule, SignIn
from aftercare.oncall.tests.cast import Duty

MINUTE, WEEK = timedelta(minutes=1), timedelta(weeks=1)


def asks(duty: Duty) -> datetime:
    """Primary asks to sign in within ten minutes; when Lin hands over to Mei."""
    document = duty.primary.document | {"sign-in": "10"}
    actions.save_schedule(schedule=duty.primary, name="Primary", document=document, actor=None, now=duty.now)
    return duty.now + WEEK - timedelta(hours=2)


def notices(person: str) -> list[str]:
    return list(Delivery.objects.filter(kind="handover", user__name=person).values_list("title", flat=True))


def test_it_works(duty: Duty, monkeypatch: pytest.MonkeyPatch) -> None:
    at = asks(duty)
    duty.page(now=at - 20 * MINUTE)
    process_shifts(at - 16 * MINUTE)
    assert not Handover.objects.filter(schedule=duty.primary).exists()
    process_shifts(at - 15 * MINUTE)
    handover = Handover.objects.get(schedule=duty.primary)
    assert (handover.at, handover.note.splitlines()[:2]) == (
        at,
        ["Open pages:", "- Freeze rate 6.2% in Starlight Live: nobody has it"],
    )
    assert notices("Mei") == ["You are on Primary from 11-30 10:00: read the hand-over note"]
    assert notices("Lin") == ["Your shift on Primary ends at 11-30 10:00: look over the hand-over note"]
    for views in ("schedule", "handovers"):
        monkeypatch.setattr(f"aftercare.oncall.views.{views}.utc_now", lambda: at)
    mei = duty.world.client("mei")
    assert "You are on Primary from 11-30 10:00." in mei.get("/oncall").content.decode()
    assert mei.post(f"/oncall/handovers/{handover.ref}/sign-in").status_code == 302
    process_shifts(at + 11 * MINUTE)
    assert not Page.objects.filter(subject_ref__startswith="shift-").exists()
    assert SignIn.objects.get(handover=handover).signed_at == at


def test_who_does_not_sign_in_is_paged_about_once_until_they_do(duty: Duty) -> None:
    at = asks(duty)
    process_shifts(at - MINUTE)
    for later in (9, 10, 11, 30):
        process_shifts(at + later * MINUTE)
    page = Page.objects.get(subject_ref__startswith="shift-")
    assert (page.title, page.severity) == ("Mei has not signed in for Primary", "warning")
    assert page.title_zh != page.title
    handover = Handover.objects.get(schedule=duty.primary)
    actions.sign_in(handover=handover, user=duty.world.mei, now=at + 31 * MINUTE)
    page.refresh_from_db()
    assert page.state == PageState.CLOSED


def test_a_cover_before_the_shift_changes_who_comes(duty: Duty) -> None:
    at = asks(duty)
    process_shifts(at - 15 * MINUTE)
    actions.add_change(
        schedule=duty.primary,
        kind="replace",
        user=duty.world.ada,
        replaced=duty.world.mei,
        starts_at=at,
        ends_at=at + WEEK,
        actor=None,
        now=at - 10 * MINUTE,
    )
    process_shifts(at - 9 * MINUTE)
    handover = Handover.objects.get(schedule=duty.primary)
    assert [one.user.name for one in handover.sign_ins.all()] == ["Ada"]
    with pytest.raises(Refused, match="You do not come on duty here"):
        actions.sign_in(handover=handover, user=duty.world.mei, now=at)


def test_somebody_who_took_over_in_the_meantime_is_enough(duty: Duty) -> None:
    at = asks(duty)
    process_shifts(at - MINUTE)
    actions.add_change(
        schedule=duty.primary, user=duty.world.ada, starts_at=at, ends_at=at + WEEK, actor=None, now=at - MINUTE
    )
    process_shifts(at + 11 * MINUTE)
    assert not Page.objects.filter(subject_ref__startswith="shift-").exists()


def test_a_handover_that_will_not_be_is_forgotten(duty: Duty) -> None:
    at = asks(duty)
    process_shifts(at - 15 * MINUTE)
    actions.add_change(
        schedule=duty.primary, user=duty.world.eng, starts_at=at, ends_at=at + WEEK, actor=None, now=at - 14 * MINUTE
    )
    process_shifts(at - 13 * MINUTE)
    assert not Handover.objects.filter(schedule=duty.primary).exists()


def test_an_engine_that_stood_still_makes_no_burst(duty: Duty) -> None:
    at = asks(duty)
    process_shifts(at + timedelta(days=3))
    assert not Handover.objects.exists() and not Page.objects.exists()


def test_a_schedule_that_cannot_be_reckoned_does_not_hold_the_others(duty: Duty) -> None:
    at = asks(duty)
    Schedule.objects.filter(pk=duty.backup.pk).update(document={"timezone": "Mars/Olympus", "layers": []})
    process_shifts(at - 15 * MINUTE)
    assert Handover.objects.filter(schedule=duty.primary).exists()


def test_of_two_who_write_the_second_is_told_and_loses_nothing(duty: Duty, monkeypatch: pytest.MonkeyPatch) -> None:
    at = asks(duty)
    process_shifts(at - MINUTE)
    monkeypatch.setattr("aftercare.oncall.views.handovers.utc_now", lambda: at)
    handover = Handover.objects.get(schedule=duty.primary)
    path = f"/oncall/handovers/{handover.ref}"
    assert (
        duty.world.client("eng").post(path, {"note": "<script>all quiet</script>", "version": "1"}).status_code == 302
    )
    late = duty.world.client("mei").post(path, {"note": "also this", "version": "1"})
    shown = late.content.decode()
    assert late.status_code == 400 and "Lin has written meanwhile" in shown and "also this" in shown
    assert "<script>all quiet" not in duty.world.client("agent").get(path).content.decode()
    assert duty.world.client("agent").post(path, {"note": "x", "version": "2"}).status_code == 403
    assert duty.world.client("zhao").get(path).status_code == 404
    assert duty.world.client("zhao").get("/oncall/handovers").status_code == 404
