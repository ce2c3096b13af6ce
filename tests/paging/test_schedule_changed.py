"""A schedule that is changed while somebody is called: the next step asks it anew, and who was woken hears the end."""

from datetime import timedelta

from aftercare.notify.models import Delivery
from aftercare.oncall import actions
from tests.paging.night import Night


def test_the_next_round_wakes_who_holds_by_then(night: Night) -> None:
    world = night.world
    page = night.page()
    night.wait(100)
    actions.add_change(
        schedule=night.duty.primary,
        kind="replace",
        user=world.mei,
        replaced=world.eng,
        starts_at=night.now,
        ends_at=night.now + timedelta(hours=8),
        actor=world.ada,
        now=night.now,
    )
    night.wait(499)
    assert night.heard() == ["Lin text", "Ada text"]
    night.wait(2)
    assert night.heard() == ["Mei text"], "the second round asks who holds now"
    night.take(page, "mei")
    told = Delivery.objects.filter(kind="page.acknowledged").order_by("user__name")
    assert [one.user.name for one in told] == ["Ada", "Lin"], "whoever was woken hears who has it"
    night.silence()
