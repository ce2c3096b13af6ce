"""A person's ladder is climbed rung by rung with its waits: console, text, call; what was not reached stays unsent."""

from aftercare.notify.models import Delivery
from tests.paging.night import Night, states


def ladder(night: Night) -> None:
    """The console at once, a text after 30 s, a call after 90 s."""
    night.ringing.account("voice:aliyun")
    text = night.world.eng.contact_methods.get(channel="sms")
    text.after_s = 30
    text.save()
    night.call(night.world.eng, after_s=90)


def pushed(night: Night) -> int:
    return Delivery.objects.filter(channel="push", kind="page", user=night.world.eng, state="sent").count()


def test_each_rung_has_its_second(night: Night) -> None:
    ladder(night)
    night.page()
    night.work()
    assert (pushed(night), night.heard()) == (1, [])
    night.silence(29)
    night.wait(1)
    assert night.heard() == ["Lin text"]
    night.silence(59)
    night.wait(1)
    assert night.heard() == ["Lin call"]


def test_once_taken_the_next_rungs_stay(night: Night) -> None:
    ladder(night)
    page = night.page()
    night.wait(31)
    assert night.heard() == ["Lin text"]
    night.take(page)
    night.silence()
    assert states(page, "voice") == ["dropped"]
    first = night.page(subject_ref="inc-2")
    night.wait(1)
    night.take(first)
    night.silence()
    assert (states(first), states(first, "voice")) == (["dropped"], ["dropped"])
