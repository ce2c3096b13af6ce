"""A silence ends, and what it held back is told: to who made it and to whoever is on duty; what is still open pages
once.
"""

from aftercare.incidents.models import Incident, Outcome
from aftercare.incidents.noise.actions import end_silence
from aftercare.notify.models import Delivery
from aftercare.oncall.models import Page
from tests.incidents.noisy import Noise, held

END = "incident.silence"


def told(noise: Noise) -> list[tuple[str, str, str]]:
    """What was said of a silence's end, to whom."""
    said = Delivery.objects.filter(kind=END).order_by("pk")
    return list(said.values_list("user__name", "title", "body"))


def test_what_it_held_is_told_and_what_is_open_pages_once(noise: Noise) -> None:
    silence = noise.silence()
    over, first, second = noise.opens(), noise.opens(metric="stall_ratio"), noise.opens(metric="join_time")
    noise.wait(60)
    noise.closes(over)
    assert (Incident.objects.count(), Page.objects.count(), noise.night.heard()) == (0, 0, [])
    noise.wait(3540)

    incident = Incident.objects.get()
    assert noise.night.heard() == ["Lin text"], "one page for the two that are still open"
    assert sorted(link.alert_id for link in incident.alerts.all()) == sorted([first.pk, second.pk])
    assert [held(one).outcome for one in (over, first, second)] == [Outcome.OVER, Outcome.JOINED, Outcome.JOINED]
    sentence = "“The encoder is being replaced”. 1 is over. 2 are still open: whoever is on duty is called."
    assert told(noise) == [
        ("Ada", "A silence ended: it held back 3 alerts", sentence),
        ("Lin", "A silence ended: it held back 3 alerts", sentence),
    ]
    noise.wait(600)
    assert len(told(noise)) == 2 and Incident.objects.count() == 1
    silence.refresh_from_db()
    assert silence.told_at is not None
    noise.night.heard()


def test_one_that_held_nothing_ends_in_silence(noise: Noise) -> None:
    noise.silence()
    noise.wait(3601)
    assert told(noise) == [] and not Delivery.objects.exists()


def test_ended_early_it_lets_go_at_once(noise: Noise) -> None:
    silence = noise.silence()
    noise.opens()
    noise.wait(60)
    end_silence(silence=silence, actor=noise.night.world.eng, now=noise.now)
    end_silence(silence=silence, actor=noise.night.world.ada, now=noise.now)
    noise.wait(1)
    assert noise.night.heard() == ["Lin text"] and Incident.objects.count() == 1
    assert [name for name, _title, _body in told(noise)] == ["Ada", "Lin"]
