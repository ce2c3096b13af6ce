"""After a pause the engine goes on with one step, and whoever is woken has their whole wait."""

from tests.paging.night import Night, fresh


def test_each_is_woken_once_and_the_third_not_yet(night: Night) -> None:
    world = night.world
    night.order(world.eng, world.ada, world.mei)
    page = night.page()
    night.wait(1)
    assert night.heard() == ["Lin text"]
    night.pass_by(3600)
    night.work()
    assert night.heard() == ["Ada text"], "an hour went by: one step, not twelve"
    assert (fresh(page).next_step_at - night.now).total_seconds() == 300
    night.silence(299)
    night.wait(2)
    assert night.heard() == ["Mei text"]
