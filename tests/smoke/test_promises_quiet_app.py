"""A quiet app is not judged below its volume floor: one unlucky viewer wakes nobody."""

from aftercare.incidents.models import Incident
from aftercare.notify.tests.receiver import Receiver
from aftercare.watch.models import Alert, MonitorState
from tests.smoke.evening import Evening
from tests.world import World


def test_one_viewer_is_no_verdict(world: World, evening: Evening) -> None:
    app = world.social_app
    evening.play(app, ticks=20, stalled=1.0, viewers=1)
    assert not Alert.objects.exists() and not Incident.objects.exists()
    rules = MonitorState.objects.filter(monitor__app=app, monitor__metric="rebuffering_ratio")
    assert set(rules.values_list("status", flat=True)) == {"low_volume"}
    page = world.client("stranger").get(f"/apps/{app.ref}?metric=rebuffering_ratio").content.decode()
    assert "Too few" in page and "Healthy" not in page and "Breached" not in page


def test_the_same_share_of_many_is_one(world: World, evening: Evening, receiver: Receiver) -> None:
    evening.play(world.social_app, ticks=2, stalled=1.0)
    assert Incident.objects.get().app == world.social_app
    assert "Whisper" in receiver.take().body["data"]["title"]
