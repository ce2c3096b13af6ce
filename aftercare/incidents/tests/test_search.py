"""One box for everything the reader may see."""

from datetime import timedelta

from aftercare.desk.engine.searching import index_changed
from aftercare.incidents.models import Incident
from tests.world import World


def test_it_works(world: World, incident: Incident) -> None:
    page = world.client("agent").get("/search?q=STARLIGHT").content.decode()
    assert f"/incidents/{incident.ref}" in page
    index_changed(world.now + timedelta(minutes=1))
    page = world.client("agent").get("/search?q=STARLIGHT").content.decode()
    assert "Stall rate of <mark>Starlight</mark> Live" in page
    assert "All of them: 1 ticket<" in page
    assert f"/customers/{world.show.ref}" in page
    assert f"/apps/{world.show_app.ref}" in page
    assert f"/apps/{world.show_app.ref}/sessions?q=STARLIGHT" in page


def test_a_number_is_a_ticket(world: World, incident: Incident) -> None:
    assert "#1 Stall rate" in world.client("agent").get("/search?q=%231").content.decode()
    assert "#1 Stall rate" not in world.client("stranger").get("/search?q=%231").content.decode()


def test_it_reads_chinese(world: World, incident: Incident) -> None:
    page = world.client("agent").get("/search?q=卡顿").content.decode()
    assert f"/incidents/{incident.ref}" in page


def test_a_stranger_finds_nothing(world: World, incident: Incident) -> None:
    page = world.client("stranger").get(f"/search?q={incident.ref}").content.decode()
    assert f"/incidents/{incident.ref}" not in page
    page = world.client("stranger").get("/search?q=Starlight").content.decode()
    assert world.show.ref not in page
    assert world.show_app.ref not in page
    assert "Nothing with these words" in page


def test_handles_nothing_and_too_much(world: World) -> None:
    client = world.client("viewer")
    assert client.get("/search").status_code == 200
    assert client.get("/search?q=" + "x" * 5000).status_code == 200
    assert "<script>alert" not in client.get("/search?q=<script>alert(1)</script>").content.decode()
    assert client.get("/search?q=%00").status_code == 200


def test_requires_sign_in(world: World) -> None:
    assert world.client().get("/search?q=x").status_code == 302
