"""In a hole of the schedule its fallback is woken."""

from aftercare.oncall import actions
from tests.paging.night import Night


def test_the_fallback_stands_in(night: Night) -> None:
    duty, mei = night.duty, night.world.mei
    document = duty.primary.document | {"layers": [], "fallback": [mei.ref]}
    actions.save_schedule(schedule=duty.primary, name="Primary", document=document, actor=None, now=night.now)
    night.page()
    night.wait(1)
    assert night.heard() == ["Mei text"]
