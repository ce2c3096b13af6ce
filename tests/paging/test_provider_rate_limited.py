"""A vendor that asks for silence gets it, as long as it said, and the message goes then, with all its tries."""

from aftercare.notify.models import Delivery
from tests.paging.night import Night

SLOW_DOWN = (429, {"Retry-After": "40"}, {"code": 20429, "message": "Too Many Requests", "status": 429})


def test_it_waits_as_long_as_was_asked(night: Night) -> None:
    night.world.eng.contact_methods.all().delete()
    night.ringing.account("voice:twilio", prefixes="+86")
    night.call(night.world.eng)
    night.ringing.twilio.refusals = [SLOW_DOWN]
    night.page()
    night.wait(39)
    assert night.heard() == []
    night.wait(3)
    assert night.heard() == ["Lin call"]
    assert Delivery.objects.get(channel="voice").state == "sent"


def test_another_vendor_does_not_wait(night: Night) -> None:
    night.world.eng.contact_methods.all().delete()
    night.ringing.account("voice:twilio", place=1, prefixes="+86")
    night.ringing.account("voice:aliyun", place=2)
    night.call(night.world.eng)
    night.ringing.twilio.refusals = [SLOW_DOWN]
    night.page()
    night.wait(2)
    assert night.heard() == ["Lin call"]
