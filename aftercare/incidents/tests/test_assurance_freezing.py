"""Which events freeze a change: by customer, by resource, by time."""

from aftercare.incidents.assurance.freezing import frozen_by
from aftercare.incidents.assurance.planning import call_off
from aftercare.incidents.tests.gala import HOUR, MINUTE, make_gala
from aftercare.telemetry.actions.resources import add_resource, serve_customer
from tests.world import World


def test_a_change_of_its_customer_is_frozen_while_it_lasts(world: World) -> None:
    gala = make_gala(world)
    start, end = gala.starts_at, gala.ends_at
    assert frozen_by([world.show], [], start - HOUR, start) == []
    assert frozen_by([world.show], [], start - HOUR, start + MINUTE) == [gala]
    assert frozen_by([world.show], [], end - MINUTE, end + HOUR) == [gala]
    assert frozen_by([world.show], [], end, end + HOUR) == []
    assert frozen_by([world.social], [], start, end) == []


def test_one_that_does_not_freeze_or_is_called_off_freezes_nothing(world: World) -> None:
    open_one = make_gala(world, freezes=False)
    gone = make_gala(world)
    call_off(assurance=gone, actor=world.eng, now=world.now)
    assert frozen_by([world.show, world.social], [], open_one.starts_at, open_one.ends_at) == []


def test_a_change_of_a_resource_above_one_that_serves_it_is_frozen_once(world: World) -> None:
    gala = make_gala(world)
    region = add_resource(kind="region", name="Shanghai", parent=None, actor=world.ada, now=world.now)
    edge = add_resource(kind="edge", name="edge-sh-09", parent=region, actor=world.ada, now=world.now)
    other = add_resource(kind="region", name="Chengdu", parent=None, actor=world.ada, now=world.now)
    serve_customer(resource=edge, customer=world.show, app=world.show_app, actor=world.ada, now=world.now)
    span = gala.starts_at, gala.ends_at
    assert frozen_by([], [region], *span) == frozen_by([world.show], [edge, region], *span) == [gala]
    assert frozen_by([], [other], *span) == []
