"""A page that runs keeps the policy that it began with; the next page has the new one."""

from aftercare.oncall.models import EscalationPolicy
from tests.paging.night import Night


def test_the_edit_is_for_the_next_page(night: Night) -> None:
    world = night.world
    night.page()
    night.wait(1)
    policy = EscalationPolicy.objects.get(is_default=True)
    form = {"name": policy.name, "version": policy.version, "repeat": "0"}
    form |= {"target_0": f"person:{world.mei.ref}", "minutes_0": "1"}
    assert world.client("ada").post(f"/oncall/policies/{policy.ref}", form).status_code == 302
    night.wait(300)
    assert night.heard() == ["Lin text", "Ada text"]
    night.page(subject_ref="inc-2")
    night.wait(1)
    assert night.heard() == ["Mei text"]
