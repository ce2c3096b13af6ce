"""What goes on and off pages as what it is at the third time, then no more: its incident stays one, counts, and ends
once it has been quiet.
"""

from datetime import timedelta

from aftercare.incidents.actions import resolve_incident
from aftercare.incidents.models import HeldBack, HeldFor, Incident, Kind
from aftercare.incidents.noise.flapping import QUIET
from aftercare.oncall.models import Page
from tests.incidents.noisy import Noise


def test_it_pages_until_it_is_known_and_ends_after_quiet(noise: Noise) -> None:
    alert = noise.opens()
    calls = 0
    for _time in range(9):
        noise.look()
        calls += noise.night.heard().count("Lin text")
        noise.night.pass_by(60)
        noise.closes(alert)
        noise.wait(60)
        calls += sum("call" in one for one in noise.night.heard())
        alert = noise.opens_again(alert)
    assert Page.objects.count() == 3, "twice may be chance, the third says that it goes on and off"
    assert calls <= 6, "three pages, and what tells that they are over"
    incident = Incident.objects.exclude(status="resolved").get()
    line = incident.timeline.get(kind=Kind.FLAPPING)
    assert (line.data["times"], line.data["minutes"]) == (10, 19)
    assert HeldBack.objects.filter(reason=HeldFor.FLAPPING).count() == 7, "each that called nobody is counted"
    page = noise.night.world.client("eng").get(f"/incidents/{incident.ref}").content.decode()
    assert "It goes on and off: 10 times in 19 min" in page

    noise.closes(alert)
    noise.wait((QUIET - timedelta(minutes=1)).total_seconds())
    incident.refresh_from_db()
    assert incident.status != "resolved", "it may come again"
    noise.wait(61)
    incident.refresh_from_db()
    assert (incident.status, incident.end_reason) == ("resolved", "recovered")
    noise.night.heard()


def test_what_somebody_ended_by_hand_begins_anew(noise: Noise) -> None:
    alert = noise.opens()
    for _time in range(2):
        noise.closes(alert)
        noise.wait(60)
        alert = noise.opens_again(alert)
    noise.look()
    noise.night.heard()
    noise.closes(alert)
    incident = Incident.objects.exclude(status="resolved").get()
    resolve_incident(incident=incident, user=noise.night.world.eng, now=noise.now)
    noise.wait(QUIET.total_seconds() + 1)
    noise.night.heard()
    noise.opens_again(alert)
    noise.look()
    assert noise.night.heard() == ["Lin text"]
