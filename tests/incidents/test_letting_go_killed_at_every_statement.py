"""A worker that dies at any statement of letting go what a silence held loses no alert, pages once and tells once."""

from datetime import timedelta
from typing import Any

import pytest

from aftercare.incidents.models import HeldBack, Incident, IncidentAlert
from aftercare.incidents.noise.engine import release_due, tell_ends
from aftercare.notify.models import Delivery
from aftercare.oncall.models import Page
from tests.incidents.noisy import Noise
from tests.paging.dying import dies_after
from tests.paging.night import Night

MOST_STATEMENTS = 600


@pytest.mark.django_db(transaction=True)
def test_every_statement(open_night: Night) -> None:
    noise = Noise(open_night)

    def work() -> Any:
        return release_due(noise.now), tell_ends(noise.now)

    for number in range(0, MOST_STATEMENTS, 3):
        known = Page.objects.count()
        silence = noise.silence(lasts=timedelta(minutes=5))
        alerts = [noise.opens(), noise.opens(metric="join_time")]
        assert HeldBack.objects.filter(silence=silence, outcome="").count() == 2
        open_night.pass_by(301)
        died = dies_after(number, work)
        work()
        open_night.pass_by(31)  # what could not be let go is tried again then
        work()
        links = IncidentAlert.objects.filter(alert__in=alerts)
        assert links.count() == 2 and links.values("incident").distinct().count() == 1, number
        assert Page.objects.count() == known + 1, number
        told = Delivery.objects.filter(kind="incident.silence", subject_ref=silence.ref)
        assert sorted(told.values_list("user__name", flat=True)) == ["Ada", "Lin"], number
        for alert in alerts:
            noise.closes(alert)
        assert not Incident.objects.exclude(status="resolved").exists()
        if not died:
            break
    else:
        raise AssertionError("the work never ended")
    assert number > 60
    open_night.heard()
