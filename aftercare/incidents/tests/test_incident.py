"""The incident's page and what can be done on it."""

from datetime import timedelta

from aftercare.desk.actions import reply
from aftercare.desk.models import Ticket
from aftercare.incidents.actions import add_note
from aftercare.incidents.models import Incident, IncidentCustomer, Status
from aftercare.incidents.tests.scene import open_alert
from aftercare.kernel.events import publish
from aftercare.oncall.actions import escalate_page
from aftercare.oncall.events import PagesDelivered, Reached
from aftercare.oncall.models import Page
from tests.world import World

DEEDS = ("acknowledgement", "notes", "resolution")


def test_it_works(world: World, incident: Incident) -> None:
    page = world.client("eng").get(f"/incidents/{incident.ref}").content.decode()
    assert "Stall rate of Starlight Live is 7.9% (limit 5%)" in page
    assert "Nobody has it yet" in page
    assert "Starlight Show" in page
    assert page.index("Acknowledge") < page.index("Add a note") < page.index("Resolve")


def test_a_stranger_gets_404_everywhere(world: World, incident: Incident) -> None:
    client = world.client("stranger")
    for part in ("", "/live", "/measured"):
        assert client.get(f"/incidents/{incident.ref}{part}").status_code == 404
    for deed in DEEDS:
        assert client.post(f"/incidents/{incident.ref}/{deed}", {"text": "x"}).status_code == 404
    incident.refresh_from_db()
    assert incident.status == Status.OPEN


def test_customers_and_agents_get_403_on_writes(world: World, incident: Incident) -> None:
    for name in ("viewer", "zhao", "agent"):
        client = world.client(name)
        assert client.get(f"/incidents/{incident.ref}").status_code == 200
        for deed in DEEDS:
            assert client.post(f"/incidents/{incident.ref}/{deed}", {"text": "x"}).status_code == 403
        page = client.get(f"/incidents/{incident.ref}").content.decode()
        assert not any(f"/incidents/{incident.ref}/{deed}" in page for deed in DEEDS)


def test_acknowledge(world: World, incident: Incident) -> None:
    client = world.client("eng")
    assert client.post(f"/incidents/{incident.ref}/acknowledgement").status_code == 302
    incident.refresh_from_db()
    assert (incident.status, incident.acknowledged_by) == (Status.ACKNOWLEDGED, world.eng)
    assert Page.objects.get().state == "acknowledged"
    page = client.get(f"/incidents/{incident.ref}").content.decode()
    assert "Lin is working on it." in page
    assert "Lin acknowledged" in page
    assert "An engineer took this" in Ticket.objects.get().messages.order_by("-pk")[0].body


def test_the_second_to_acknowledge_changes_nothing(world: World, incident: Incident) -> None:
    world.client("eng").post(f"/incidents/{incident.ref}/acknowledgement")
    assert world.client("mei").post(f"/incidents/{incident.ref}/acknowledgement").status_code == 302
    incident.refresh_from_db()
    assert incident.acknowledged_by == world.eng
    assert incident.timeline.filter(kind="acknowledged").count() == 1


def test_acknowledge_without_a_live_page(world: World, incident: Incident) -> None:
    Page.objects.all().delete()
    world.client("eng").post(f"/incidents/{incident.ref}/acknowledgement")
    incident.refresh_from_db()
    assert incident.acknowledged_by == world.eng


def test_who_cannot_take_it_gives_it_back(world: World, incident: Incident) -> None:
    world.client("eng").post(f"/incidents/{incident.ref}/acknowledgement")
    escalate_page(page=Page.objects.get(), user=world.eng, now=world.now)
    incident.refresh_from_db()
    assert (incident.status, incident.acknowledged_by) == (Status.OPEN, None)
    page = world.client("mei").get(f"/incidents/{incident.ref}").content.decode()
    assert "Lin cannot take it. Called next: Ada, Mei" in page


def test_note(world: World, incident: Incident) -> None:
    client = world.client("eng")
    client.post(f"/incidents/{incident.ref}/notes", {"text": "edge-sh-01 <b>drops</b> packets"})
    assert "edge-sh-01 &lt;b&gt;drops&lt;/b&gt; packets" in client.get(f"/incidents/{incident.ref}").content.decode()
    answer = client.post(f"/incidents/{incident.ref}/notes", {"text": "x" * 10_001})
    assert answer.status_code == 409
    assert "longer than" in answer.content.decode()


def test_a_customer_sees_its_own_facts_only(world: World, incident: Incident) -> None:
    open_alert(world, at=world.now, app=world.social_app, metric="join_success")
    IncidentCustomer.objects.create(incident=incident, customer=world.social)
    add_note(incident=incident, user=world.eng, text="their CDN again", now=world.now)
    page_id = Page.objects.get(subject_ref=incident.ref).pk
    publish(PagesDelivered((Reached(page_id, incident.ref, world.eng.pk, "push"),), world.now))
    world.client("eng").post(f"/incidents/{incident.ref}/acknowledgement")
    reply(ticket=Ticket.objects.get(customer=world.show), author=world.zhao, body="we see it too", now=world.now)

    staff = world.client("agent").get(f"/incidents/{incident.ref}").content.decode()
    assert "Page reached Lin by the console" in staff
    assert "their CDN again" in staff
    assert "Zhao of Starlight Show replied in ticket #1" in staff

    theirs = world.client("stranger").get(f"/incidents/{incident.ref}").content.decode()
    for secret in (
        "Starlight Show",
        "Zhao",
        "Lin",
        "their CDN again",
        "Page reached",
        "Ticket #1 opened",
        "Who was paged",
    ):
        assert secret not in theirs, secret
    assert "An engineer took the incident" in theirs

    ours = world.client("zhao").get(f"/incidents/{incident.ref}/live").content.decode()
    assert "Ticket #1 opened for Starlight Show" in ours
    assert "Lin" not in ours


def test_list_and_strip(world: World, incident: Incident) -> None:
    open_alert(world, at=world.now, app=world.social_app, severity="warning", threshold=2.0)
    page = world.client("agent").get("/incidents").content.decode()
    assert page.index("Starlight Live is") < page.index("Whisper is")  # red first
    page = world.client("agent").get("/incidents?severity=warning&status=unresolved").content.decode()
    assert "Starlight Live is" not in page
    page = world.client("agent").get(f"/incidents?customer={world.show.ref}").content.decode()
    assert "Whisper is" not in page
    theirs = world.client("stranger").get("/incidents").content.decode()
    assert "Starlight" not in theirs
    assert "Whisper is" in theirs
    strip = world.client("viewer").get("/incidents/strip").content.decode()
    assert "Starlight Live is" in strip
    assert "Whisper" not in strip
    assert world.client().get("/incidents/strip").status_code == 302


def test_the_strip_counts_what_it_does_not_show(world: World) -> None:
    for n in range(5):
        open_alert(world, at=world.now + timedelta(hours=3 * n))
    strip = world.client("agent").get("/incidents/strip").content.decode()
    assert strip.count("urgent-title") == 2
    assert "5 open incidents" in strip


def test_many_incidents_few_queries(world: World, django_assert_max_num_queries: object) -> None:
    for n in range(60):
        open_alert(world, at=world.now + timedelta(hours=3 * n))
    client = world.client("agent")
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        assert "1–50 of 60" in client.get("/incidents").content.decode()


def test_now(world: World, incident: Incident) -> None:
    page = world.client("agent").get("/").content.decode()
    assert "Stall rate of Starlight Live is 7.9% (limit 5%)" in page
    assert "Waiting for an answer" in page
    assert "Key customers today" in page
    own = world.client("viewer").get("/").content.decode()
    assert "What we are working on for you" in own
    assert "Report a problem" not in own
    theirs = world.client("stranger").get("/").content.decode()
    assert "Starlight" not in theirs
    assert "Report a problem" in theirs
    assert world.client("stranger").get("/now/broken").status_code == 200
    assert world.client().get("/").status_code == 302


def test_now_is_calm_when_nothing_is_broken(world: World) -> None:
    page = world.client("agent").get("/").content.decode()
    assert "Nothing is broken" in page
    assert "Nobody waits" in page
