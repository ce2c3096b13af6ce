"""Test calls by real ways: answered by key and by reply, within the vendors' limits, never mistaken for a page."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from aftercare.notify.models import Delivery
from aftercare.oncall import actions
from aftercare.oncall.models import Page, TrialCall
from aftercare.oncall.queries.reachability import month_of
from aftercare.oncall.tests.cast import Duty
from aftercare.oncall.trials import process_calls
from tests.vendors_of_ringing.scene import ABROAD, Ringing

MINUTE = timedelta(minutes=1)


def call_lin(ringing: Ringing, duty: Duty) -> TrialCall:
    """Lin's call is due now, and is made."""
    ringing.now = timezone.now()
    facts = {"calls_from": 0, "calls_until": 24}
    actions.save_settings(facts=facts, actor=None, now=ringing.now)
    month = month_of(ringing.now, ZoneInfo(duty.world.eng.timezone))
    row = TrialCall.objects.create(user=duty.world.eng, month=month, due_at=ringing.now)
    process_calls(ringing.now)
    ringing.run(1)
    row.refresh_from_db()
    return row


def test_a_key_on_the_call_answers_it(ringing: Ringing, duty: Duty) -> None:
    ringing.account("voice:twilio")
    ringing.contact("voice", ABROAD, after_s=120)
    ringing.contact("email", "lin@elsewhere.example")
    row = call_lin(ringing, duty)
    assert (row.state, row.channel) == ("called", "voice")
    called = ringing.twilio.next()
    assert "Test call: nothing is wrong" in str(called.said)
    answer = ringing.twilio.call_back(called.out, {"CallSid": "call-1", "CallStatus": "in-progress", "Digits": "1"})
    assert answer.status_code == 200
    row.refresh_from_db()
    assert row.state == "answered" and not Page.objects.exists()


def test_a_call_that_nobody_picks_up_did_not_arrive(ringing: Ringing, duty: Duty) -> None:
    ringing.account("voice:twilio")
    ringing.contact("voice", ABROAD)
    row = call_lin(ringing, duty)
    url = ringing.twilio.next().out
    delivery = Delivery.objects.get(pk=row.delivery_id)
    ended = {"CallSid": delivery.provider_message_id, "CallStatus": "no-answer"}
    ringing.twilio.call_back(url, ended)
    row.refresh_from_db()
    assert row.state == "failed" and row.reason.startswith("The call or message did not reach the person")


def test_a_vendors_limit_that_is_used_up_makes_no_call(ringing: Ringing, duty: Duty) -> None:
    ringing.account("voice:twilio", callee_limits="1/3600")
    contact = ringing.contact("voice", ABROAD)
    ringing.now = timezone.now()
    ringing.send(contact)
    ringing.run(1)
    ringing.twilio.next()
    row = call_lin(ringing, duty)
    assert row.state == "failed" and "limit of every vendor" in row.reason


def test_once_it_is_over_a_plain_one_is_about_the_page(ringing: Ringing, duty: Duty) -> None:
    ringing.account("sms:twilio")
    ringing.contact("sms", ABROAD)
    row = call_lin(ringing, duty)
    ringing.twilio.next()
    process_calls(row.called_at + 40 * MINUTE)
    row.refresh_from_db()
    assert row.state == "unanswered"
    assert not Delivery.objects.get(pk=row.delivery_id).data["answerable"]
