"""A page goes on by the policy that it began with when that policy is deleted."""

from aftercare.oncall.models import EscalationPolicy
from tests.paging.night import Night


def test_it_goes_on_to_its_last_step(night: Night) -> None:
    night.page()
    night.wait(1)
    EscalationPolicy.objects.all().delete()
    night.wait(300)
    assert night.heard() == ["Lin text", "Ada text"]
    night.wait(300)
    assert night.heard() == ["Lin text"], "it is repeated once, as was said"
