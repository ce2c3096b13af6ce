"""Of two who take a page at the same moment one has it, and both are told the same name."""

from aftercare.oncall import actions
from aftercare.oncall.models import Page
from aftercare.oncall.tests.test_two_workers import at_once
from tests.paging.night import Night, fresh


def test_one_has_it(open_night: Night) -> None:
    night = open_night
    page, people = night.page(), iter([night.world.eng, night.world.mei, night.world.ada])

    def take() -> Page:
        return actions.acknowledge_page(page=page, user=next(people), via="phone", now=night.now)

    holders = {one.acknowledged_by_id for one in at_once(take, 3)}
    assert holders == {fresh(page).acknowledged_by_id}
    night.silence(600)
