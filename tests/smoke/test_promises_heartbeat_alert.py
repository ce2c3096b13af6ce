"""A job that does not come wakes whoever is on duty, once, and its next success ends all of it."""

from datetime import timedelta

from aftercare.desk.models import Ticket
from aftercare.incidents.models import Incident
from aftercare.notify.tests.receiver import Receiver
from aftercare.oncall.models import Page
from aftercare.watch.tests.beating import Beats, open_alerts
from tests.smoke.evening import Evening
from tests.world import World


def pass_time(evening: Evening, beats: Beats, **span: float) -> None:
    """Time passes, and every engine does what is due at its end."""
    beats.wait(**span)
    evening.now = beats.now
    evening.engines()


def test_missing_until_it_comes(world: World, evening: Evening, receiver: Receiver) -> None:
    beats = Beats(world)
    heartbeat = beats.make()
    beats.ping(heartbeat)
    pass_time(evening, beats, seconds=359)
    assert receiver.inbox == [], "within its grace nobody is woken"
    pass_time(evening, beats, seconds=1)
    pass_time(evening, beats, seconds=5)
    woken = receiver.take()
    assert woken.path.endswith("/lin") and "Recording merge" in woken.text
    page, incident, ticket = Page.objects.get(), Incident.objects.get(), Ticket.objects.get()
    assert page.subject_ref == incident.ref and ticket.customer == world.show
    told = world.client("zhao").get(f"/tickets/{ticket.ref}").content.decode()
    assert "Recording merge" in told, "the customer's own ticket opened by itself"

    beats.ping(heartbeat)
    evening.engines()
    page.refresh_from_db()
    incident.refresh_from_db()
    assert open_alerts(heartbeat) == [] and page.closed_at is not None and incident.status == "resolved"
    receiver.inbox.clear()
    for _ in range(4):
        beats.ping(heartbeat)
        pass_time(evening, beats, minutes=4)
    assert receiver.inbox == [], "what is over wakes nobody"


def test_the_providers_own_wakes_us_and_tells_no_customer(world: World, evening: Evening, receiver: Receiver) -> None:
    beats = Beats(world)
    heartbeat = beats.make(own=True, name="Our backup")
    beats.ping(heartbeat, "fail", exit_code=2)
    evening.now = beats.now + timedelta(seconds=5)
    evening.engines()
    assert "Our backup" in receiver.take().text
    assert not Ticket.objects.exists()
    for who in ("zhao", "stranger"):
        for path in ("/alerts", "/incidents", "/heartbeats", "/"):
            assert "Our backup" not in world.client(who).get(path).content.decode(), (who, path)
    assert "Our backup" in world.client("eng").get("/alerts").content.decode()
