"""What the usual rules let pass, an event's rules speak of while it lasts: seen, as incident, closed with its end."""

from datetime import timedelta
from typing import Any

from aftercare.incidents.assurance.engine import switch_due
from aftercare.incidents.assurance.tightening import Tighter, add_rules
from aftercare.incidents.models import Incident
from aftercare.incidents.tests.gala import DAY, MINUTE, make_gala
from aftercare.watch.models import Alert
from aftercare.watch.tests.watching import Stage
from tests.world import World

SECONDS_10 = timedelta(seconds=10)


def test_four_percent_speak_during_the_gala_alone(world: World, telemetry: Any) -> None:
    stage = Stage(telemetry, world.now)
    usual = stage.monitor(world.show_app)  # red above 5 %
    starts_at = stage.now + MINUTE
    gala = make_gala(world, starts_at=starts_at, now=stage.now - DAY, ends_at=starts_at + 10 * MINUTE)
    add_rules(assurance=gala, monitors=[usual], how=Tighter(30), actor=world.ada, now=stage.now)
    stage.play_on(world.show_app, stalled=0.04, times=6)
    assert not Alert.objects.exists(), "4 % is within the usual 5 %"
    stage.now = gala.starts_at
    switch_due(stage.now)
    stage.play_on(world.show_app, stalled=0.04, times=2)
    alert = Alert.objects.get()
    assert (alert.threshold, alert.monitor.kept_by) == (3.5, gala.path)
    assert alert.opened_at - gala.starts_at <= SECONDS_10
    incident = Incident.objects.get()
    assert incident.customers.filter(customer=world.show).exists()
    stage.now = gala.ends_at
    switch_due(stage.now)
    alert.refresh_from_db()
    incident.refresh_from_db()
    assert (alert.closed_at, incident.status) == (gala.ends_at, "resolved")
    stage.play_on(world.show_app, stalled=0.04, times=6)
    assert Alert.objects.count() == 1
