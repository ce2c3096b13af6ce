"""Many pages at once: the first alone where somebody has heard nothing, then one message about all that wait."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from aftercare.notify.engine import claims
from aftercare.notify.engine.sender import Sender
from aftercare.notify.models import Delivery, State
from aftercare.oncall.models import Page
from aftercare.oncall.tests.cast import Duty
from tests.vendors_of_ringing import aliyun as aliyun_says
from tests.vendors_of_ringing.scene import ABROAD, MOBILE, Ringing, fresh
from tests.vendors_of_ringing.test_answers import alone_on_duty, taken, text_in


def storm(ringing: Ringing, duty: Duty, count: int, severity: str = "red") -> list[Page]:
    """So many pages in one moment, for Lin."""
    alone_on_duty(ringing, duty)
    return [
        duty.page(now=ringing.now, subject_ref=f"inc-{n}", title=f"Room {n} stalls", severity=severity)
        for n in range(count)
    ]


def by_sms(page: Page) -> Delivery:
    """What was written to Lin's phone about a page."""
    return Delivery.objects.get(subject_ref=page.ref, channel="sms")


def test_five_pages_ring_once(ringing: Ringing, duty: Duty) -> None:
    ringing.account("sms:twilio")
    ringing.contact("sms", ABROAD)
    pages = storm(ringing, duty, 5)
    ringing.run()
    said = ringing.twilio.next().said
    assert said.startswith("5 at once: Room 0 stalls")
    assert all(f"Room {n} stalls" in said for n in range(5))
    rows = [by_sms(page) for page in pages]
    assert {row.state for row in rows} == {State.SENT}
    assert [row.bundle_id for row in rows] == [None, *[rows[0].pk] * 4]
    assert rows[0].rings.count() == 1 and not any(row.rings.exists() for row in rows[1:])
    notices = [page.notices.get(channel="sms") for page in pages]
    assert {notice.delivery.state for notice in notices} == {State.SENT}


def test_two_are_told_of_one_by_one(ringing: Ringing, duty: Duty) -> None:
    ringing.account("sms:twilio")
    ringing.contact("sms", ABROAD)
    storm(ringing, duty, 2)
    ringing.run()
    assert {ringing.twilio.next().said[:13], ringing.twilio.next().said[:13]} == {"Room 0 stalls", "Room 1 stalls"}


def test_red_lines_and_warnings_go_apart(ringing: Ringing, duty: Duty) -> None:
    ringing.account("sms:twilio")
    ringing.contact("sms", ABROAD)
    storm(ringing, duty, 3)
    for n in range(3):
        duty.page(now=ringing.now, subject_ref=f"w-{n}", title=f"Host {n} is full", severity="warning")
    ringing.run()
    texts = [ringing.twilio.next().said, ringing.twilio.next().said]
    assert [text.split(":")[0] for text in texts] == ["3 at once", "3 at once"]
    assert "Host" not in texts[0] and "Room" not in texts[1]


def test_a_plain_1_takes_all_of_them(ringing: Ringing, duty: Duty) -> None:
    account = ringing.account("sms:twilio")
    ringing.contact("sms", ABROAD)
    ringing.now = timezone.now()
    pages = storm(ringing, duty, 4)
    ringing.run(1)
    ringing.twilio.next()
    for _again in range(2):
        answer = text_in(ringing, account, "1")
        assert answer.status_code == 200
    assert {taken(page) for page in pages} == {("acknowledged", "Lin", "sms")}


def test_the_link_shows_what_else_it_was_about(ringing: Ringing, duty: Duty) -> None:
    ringing.account("sms:twilio")
    ringing.contact("sms", ABROAD)
    ringing.now = timezone.now()
    storm(ringing, duty, 3)
    stranger = duty.page(now=ringing.now, subject_ref="other", severity="warning", title="Nothing to do with it")
    ringing.run(1)
    ringing.twilio.next(), ringing.twilio.next()
    lead = Delivery.objects.filter(channel="sms").order_by("pk")[0]
    shown = Client().get(lead.url_path).content.decode()
    assert "The same message told of 2 more pages" in shown
    assert "Room 1 stalls" in shown and "Room 2 stalls" in shown and stranger.title not in shown
    other = Page.objects.get(subject_ref="inc-1")
    assert f'href="/p/{other.ref}/' in shown, "by a link of its own, for this person alone"


def test_a_vendor_that_refuses_gives_each_back(ringing: Ringing, duty: Duty) -> None:
    ringing.account("sms:aliyun")
    ringing.account("sms:tencent", place=2, param_length="12")
    ringing.contact("sms", MOBILE)
    ringing.aliyun.refusals.append(aliyun_says.NO_MONEY)
    pages = storm(ringing, duty, 3)
    ringing.run()
    assert "3 at once" in str(ringing.tencent.next().said), "the second vendor tells of all of them, too"
    assert {by_sms(page).state for page in pages} == {State.SENT}


def test_whoever_dies_in_between_loses_none(ringing: Ringing, duty: Duty) -> None:
    ringing.account("sms:twilio")
    ringing.contact("sms", ABROAD)
    pages = storm(ringing, duty, 3)
    assert [len(row.together) for row in claims.claim(ringing.now, limit=16, routine_limit=8, busy=[])] == [2]
    assert {by_sms(page).state for page in pages} == {State.SENDING}
    ringing.now += timedelta(seconds=60)
    Sender().process_due(ringing.now - timedelta(seconds=59))
    assert {by_sms(page).state for page in pages} == {State.SENDING}, "its deadline has not come"
    ringing.run()
    assert ringing.twilio.next().said.startswith("Repeat: 3 at once: Room 0 stalls")
    assert {(fresh(by_sms(page)).state, by_sms(page).repeat) for page in pages} == {(State.SENT, True)}
