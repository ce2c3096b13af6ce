"""A callback that comes again counts once: one key press wakes one person."""

from aftercare.notify.models import ContactAnswer
from tests.paging.night import Night, fresh


def test_pass_it_on_counts_once(night: Night) -> None:
    night.ringing.account("voice:twilio", prefixes="+86")
    night.order(night.world.eng, night.world.ada, night.world.mei)
    night.call(night.world.eng)
    page = night.page()
    night.work()
    url = night.ringing.twilio.reached[-1].out
    assert night.heard() == ["Lin text", "Lin call"]
    for _again in range(5):
        assert night.ringing.twilio.call_back(url, {"Digits": "2"}).status_code == 200
        night.wait(1)
    assert night.heard() == ["Ada text"], "and not Mei"
    assert fresh(page).firings == 2 and ContactAnswer.objects.count() == 1


def test_one_that_comes_late_takes_nothing_from_who_has_it(night: Night) -> None:
    night.ringing.account("voice:twilio", prefixes="+86")
    night.call(night.world.eng)
    page = night.page()
    night.work()
    url = night.ringing.twilio.reached[-1].out
    assert night.heard() == ["Lin text", "Lin call"]
    night.take(page, "mei")
    for digits in ("2", "1"):
        night.ringing.twilio.call_back(url, {"Digits": digits})
    assert fresh(page).acknowledged_by == night.world.mei
    night.silence()
