"""A customer's own schedule is woken first, and the others come after it."""

from aftercare.oncall import actions
from aftercare.oncall.tests.cast import make_schedule
from tests.paging.night import Night


def test_the_customers_own_people_come_first(night: Night) -> None:
    world = night.world
    own = make_schedule(world, "Starlight's own", [world.mei])
    actions.set_customer_schedule(customer=world.show, schedule=own, actor=world.ada, now=night.now)
    night.page()
    night.wait(1)
    assert night.heard() == ["Mei text"]
    night.wait(300)
    assert night.heard() == ["Lin text"]
    night.page(subject_ref="inc-2", customer_id=world.social.pk)
    night.wait(1)
    assert night.heard() == ["Lin text"], "another customer's pages begin as everybody's"
