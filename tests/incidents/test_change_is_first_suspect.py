"""An alert during or after a change names it as first suspect: in the words that wake people, in both languages."""

from datetime import timedelta

from aftercare.incidents.changes.running import end_change, start_change
from aftercare.incidents.models import Incident
from aftercare.incidents.tests.changing import announced, begun, make_edge
from aftercare.incidents.tests.scene import open_alert
from aftercare.notify.models import Delivery
from tests.paging.night import Night


def test_whoever_is_woken_reads_it(night: Night) -> None:
    world = night.world
    make_edge(world)
    change = begun(announced(world), night.now - timedelta(hours=2))
    start_change(change=change, decision="They sleep.", actor=world.eng, now=change.starts_at)
    end_change(change=change, actor=world.eng, now=change.ends_at)
    night.text(world.eng)
    open_alert(world, at=night.now)
    said = Delivery.objects.filter(user=world.eng, kind="page").values_list("title", flat=True)
    assert said and all("Suspect: cut-over “sh-edge-3 to new switches” ran" in one for one in said)
    night.work()
    assert night.heard() == ["Lin text"]
    incident = Incident.objects.get()
    assert "Suspect" not in incident.title, "the incident's own title stays what broke"
    page = world.client("eng").get(f"/incidents/{incident.ref}").content.decode()
    assert page.index("First suspect") < page.index("Timeline")
