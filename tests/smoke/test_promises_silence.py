"""Unknown is not zero: an app that falls silent never looks healthy, and a fault in it never looks over."""

from datetime import timedelta

from aftercare.desk.models import Ticket
from aftercare.incidents.models import Incident
from aftercare.notify.tests.receiver import Receiver
from aftercare.watch.models import Alert, MonitorState
from tests.smoke.evening import Evening
from tests.world import World


def test_silence_in_a_fault_is_no_recovery(world: World, evening: Evening, receiver: Receiver) -> None:
    app = world.show_app
    evening.play(app, ticks=3, stalled=0.4)
    receiver.take()
    evening.tick(30)
    assert Incident.objects.get().status == "open"
    assert Alert.objects.filter(closed_at__isnull=True).exists()
    assert not Alert.objects.filter(close_reason="recovered").exists()
    states = MonitorState.objects.filter(monitor__in=Alert.objects.values("monitor"))
    assert set(states.values_list("status", flat=True)) == {"firing_blind"}
    told = world.client("zhao").get(f"/tickets/{Ticket.objects.get().ref}").content.decode()
    assert "within their limits again" not in told


def test_silence_is_said_on_every_page(world: World, evening: Evening) -> None:
    app = world.show_app
    evening.play(app, ticks=3)
    evening.now += timedelta(minutes=2)
    evening.tick(8)
    states = MonitorState.objects.filter(monitor__app=app)
    assert "ok" not in states.values_list("status", flat=True)
    evening.telemetry.clear()
    client = world.client("zhao")
    for path in (f"/apps/{app.ref}", "/apps", "/"):
        page = client.get(path).content.decode()
        assert "Healthy" not in page, path
    assert "unknown, not healthy" in client.get(f"/apps/{app.ref}").content.decode()
    assert "unknown, not healthy" in client.get(f"/apps/{app.ref}/sessions").content.decode()
    series = client.get(f"/apps/{app.ref}/series.json?metric=rebuffering_ratio").json()["series"][0]["values"]
    assert set(series) == {None}, "a gap is a gap, not a nought"
