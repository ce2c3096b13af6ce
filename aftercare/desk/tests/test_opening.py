"""A customer's own report."""

from aftercare.desk.models import Ticket
from aftercare.notify.models import Delivery
from tests.world import World

REPORT = {"title": "Viewers in Guangdong hear no sound", "severity": "P2", "body": "Room 1001, since 21:00", "app": ""}


def test_it_works(world: World) -> None:
    client = world.client("developer")
    assert "How bad is it?" in client.get("/tickets/new").content.decode()
    answer = client.post("/tickets/new", {**REPORT, "app": world.show_app.ref})
    ticket = Ticket.objects.get()
    assert answer["Location"] == f"/tickets/{ticket.ref}"
    assert (ticket.customer, ticket.app, ticket.opened_by) == (world.show, world.show_app, world.developer)
    assert ticket.waiting_since == ticket.created_at
    told = {d.user.name for d in Delivery.objects.select_related("user") if d.user}
    assert told == {"Ada", "Mei", "Lin", "Wang", "Sun"}


def test_the_customer_comes_from_the_person(world: World) -> None:
    world.client("zhao").post("/tickets/new", {**REPORT, "customer": world.social.ref, "customer_id": world.social.pk})
    assert Ticket.objects.get().customer == world.show


def test_rejects_another_customers_app(world: World) -> None:
    answer = world.client("zhao").post("/tickets/new", {**REPORT, "app": world.social_app.ref})
    assert answer.status_code == 400
    assert not Ticket.objects.exists()
    assert "Room 1001, since 21:00" in answer.content.decode()


def test_rejects_holes(world: World) -> None:
    for hole in ("title", "body", "severity"):
        answer = world.client("zhao").post("/tickets/new", {**REPORT, hole: "  "})
        assert answer.status_code == 400
    assert not Ticket.objects.exists()


def test_is_not_for_staff(world: World) -> None:
    assert world.client("agent").get("/tickets/new").status_code == 404
