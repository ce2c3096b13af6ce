"""Quiet hours hold a warning until they end, and a red page not for a second."""

from datetime import time

from aftercare.notify.actions import set_quiet_hours
from tests.paging.night import Night


def test_red_rings_and_a_warning_waits(night: Night) -> None:
    lin = night.world.eng
    lin.timezone = "Asia/Shanghai"
    lin.save()
    set_quiet_hours(user=lin, starts=time(11), ends=time(13), now=night.now)
    night.order(lin)
    night.page()
    night.work()
    assert night.heard() == ["Lin text"]
    night.duty.page(now=night.now, subject_ref="inc-2", severity="warning")
    night.take(night.page())
    night.silence(3590)
    night.wait(20)
    assert night.heard() == ["Lin text"]
