"""One page whose step cannot be taken does not hold the others, and is tried again by itself."""

from aftercare.oncall.models import Page
from tests.paging.night import Night


def test_the_others_go_on(night: Night) -> None:
    broken = night.page()
    snapshot = broken.policy_snapshot
    night.page(subject_ref="inc-2")
    night.wait(1)
    assert night.heard() == ["Lin text", "Lin text"]
    Page.objects.filter(pk=broken.pk).update(policy_snapshot={})
    night.wait(300)
    assert night.heard() == ["Ada text"]
    Page.objects.filter(pk=broken.pk).update(policy_snapshot=snapshot)
    night.wait(31)
    assert night.heard() == ["Ada text"]
