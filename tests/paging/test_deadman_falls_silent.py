"""The dead-man outside hears of every audit that found nothing, and nothing while a page was forgotten."""

from typing import Any

from aftercare.oncall.deadman import audit_and_tell
from aftercare.oncall.models import Page
from aftercare.oncall.tests.test_deadman import Deadman, deadman
from tests.paging.night import Night

__all__ = ["deadman"]


def test_silence_says_it(night: Night, deadman: Deadman, settings: Any) -> None:
    page = night.page()
    night.wait(1)
    assert night.heard() == ["Lin text"]
    audit_and_tell(night.now)
    assert deadman.heard == ["/ping/key"]
    Page.objects.filter(pk=page.pk).update(next_step_at=None)
    for seconds in (60, 90):
        night.pass_by(seconds)
        audit_and_tell(night.now)
    assert deadman.heard == ["/ping/key"], "found, then late by more than a minute"
    night.wait(1)
    assert night.heard() == ["Ada text"]
    audit_and_tell(night.now)
    assert deadman.heard == ["/ping/key"] * 2
