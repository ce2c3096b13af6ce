"""Two people write one post-mortem: whoever saves second sees both texts, and nothing is overwritten."""

from typing import Any

from aftercare.incidents.models import Incident, PostMortem
from aftercare.incidents.tests.scene import open_alert
from tests.world import World


def form(row: PostMortem, version: int, **more: str) -> dict[str, Any]:
    """The editor's form, as it was opened at a version."""
    texts = {f"{key}_{language}": text for key, pair in row.content["texts"].items() for language, text in pair.items()}
    return {**texts, "version": str(version), "told": row.content["told"], "line": row.content["lines"], **more}


def test_two_people_edit_one_post_mortem(world: World) -> None:
    open_alert(world, at=world.now)
    incident = Incident.objects.get()
    lin, mei = world.client("eng"), world.client("mei")
    lin.post(f"/incidents/{incident.ref}/review/post-mortem")
    opened = PostMortem.objects.get()
    address = f"/post-mortems/{opened.ref}"
    assert lin.post(address, form(opened, 1, cause_en="Lin: the uplink.")).status_code == 302
    second = mei.post(address, form(opened, 1, cause_en="Mei: the DNS.", well_en="Fast."))
    page = second.content.decode()
    assert second.status_code == 409 and "Lin saved version 2 meanwhile" in page
    assert "Mei: the DNS." in page and "Lin: the uplink." in page and "Fast." in page, "both texts stand there"
    kept = PostMortem.objects.get()
    assert kept.version == 2 and kept.content["texts"]["cause"]["en"] == "Lin: the uplink."
    assert mei.post(address, form(opened, 2, cause_en="Lin: the uplink. Mei: and DNS.")).status_code == 302
    assert lin.post(address, form(opened, 1, cause_en="Lin: the uplink. Mei: and DNS.")).status_code == 302, "the same"
    texts = [one.content["texts"]["cause"]["en"] for one in kept.versions.order_by("number")]
    assert texts[1:] == ["Lin: the uplink.", "Lin: the uplink. Mei: and DNS."], "each version is kept"
    stale = mei.post(f"{address}/state", {"state": "review", "version": "2"})
    assert stale.status_code == 409 and PostMortem.objects.get().state == "draft"


def test_two_people_grade_one_incident(world: World) -> None:
    open_alert(world, at=world.now)
    ref = Incident.objects.get().ref
    first = world.client("eng").post(f"/incidents/{ref}/review/grade", {"level": "2", "reason": "One.", "seen": "0"})
    second = world.client("mei").post(f"/incidents/{ref}/review/grade", {"level": "1", "reason": "Two.", "seen": "0"})
    assert (first.status_code, second.status_code) == (302, 409)
    assert "Two." in second.content.decode() and "Level 2" in second.content.decode()
