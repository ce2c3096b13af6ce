"""A silence holds warnings; red alerts page all the same unless whoever made it ticked that they should not. A warning
that was held and turns red pages at once.
"""

from aftercare.incidents.models import HeldBack, Incident
from aftercare.kernel.events import publish
from aftercare.watch.events import AlertsRaised
from aftercare.watch.models import Alert, Severity
from tests.incidents.noisy import Noise, held, warning


def test_red_pages(noise: Noise) -> None:
    noise.silence(holds_red=False)
    noise.opens()
    noise.look()
    assert noise.night.heard() == ["Lin text"] and not HeldBack.objects.exists()


def test_a_warning_waits_until_it_is_red(noise: Noise) -> None:
    noise.silence(holds_red=False)
    alert = noise.opens(**warning())
    noise.look()
    assert not Incident.objects.exists() and held(alert).outcome == ""
    Alert.objects.filter(pk=alert.pk).update(severity=Severity.RED)
    publish(AlertsRaised(alert_ids=[alert.pk], at=noise.now))
    noise.wait(1)
    assert noise.night.heard() == ["Lin text"]
    assert Incident.objects.get().severity == Severity.RED and held(alert).outcome == "joined"
