"""When the trouble is over the page ends, nothing more goes out, and everybody who was woken is told once."""

from aftercare.notify.models import Delivery
from aftercare.oncall import actions
from tests.paging.night import Night, fresh


def test_who_was_woken_is_told_and_nobody_else(night: Night) -> None:
    night.ringing.account("voice:aliyun")
    night.call(night.world.ada, after_s=60)
    page = night.page()
    night.wait(301)
    assert night.heard() == ["Lin text", "Ada text"]
    for _again in range(2):
        actions.close_page(subject_ref="inc-1", now=night.now)
    assert fresh(page).state == "closed"
    told = Delivery.objects.filter(kind="page.closed").values_list("user__name", "channel")
    assert sorted(told) == [("Ada", "push"), ("Lin", "push")]
    night.silence()
