"""The engine stood still past a silence's end: when it works again what was held pages, and is told once; two engines
tell it once.
"""

import threading

import pytest
from django.db import connection

from aftercare.incidents import engine
from aftercare.incidents.models import Incident
from aftercare.notify.models import Delivery
from aftercare.oncall.models import Page
from tests.incidents.noisy import Noise
from tests.paging.night import Night


def test_it_is_told_once_when_the_engine_is_back(noise: Noise) -> None:
    noise.silence()
    noise.opens()
    noise.wait(2 * 24 * 3600)
    assert noise.night.heard() == ["Lin text"]
    assert Delivery.objects.filter(kind="incident.silence").count() == 2
    noise.wait(60)
    assert Delivery.objects.filter(kind="incident.silence").count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_engines_tell_it_once(open_night: Night) -> None:
    noise = Noise(open_night)
    noise.silence()
    for metric in ("stall_rate", "join_time", "push_rtt"):
        noise.opens(metric=metric)
    open_night.pass_by(3601)

    def works() -> None:
        try:
            engine.process_due(noise.now)
            engine.process_due(noise.now)
        finally:
            connection.close()

    engines = [threading.Thread(target=works) for _ in range(4)]
    for one in engines:
        one.start()
    for one in engines:
        one.join()
    noise.look()
    assert (Incident.objects.count(), Page.objects.count()) == (1, 1)
    assert Delivery.objects.filter(kind="incident.silence").count() == 2
    assert open_night.heard() == ["Lin text"]


def test_the_clock_jumps_back(noise: Noise) -> None:
    silence = noise.silence()
    noise.opens()
    noise.wait(3601)
    assert noise.night.heard() == ["Lin text"]
    noise.night.pass_by(-1800)
    silence.refresh_from_db()
    assert silence.told_at is not None
    noise.opens(metric="join_time")
    noise.look()
    assert Incident.objects.count() == 1 and not Page.objects.filter(state="open").exclude(pk=Page.objects.get().pk)
    assert Incident.objects.get().alerts.count() == 2, "what was told as over holds nothing more"
    noise.night.heard()
