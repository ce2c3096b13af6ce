"""Lead time: how long we knew before the customer's first words, through the whole chain from an alert to them."""

from datetime import timedelta

from aftercare.desk import actions as desk
from aftercare.desk.actions.complaints import take_complaints
from aftercare.desk.complaints.rows import Told
from aftercare.desk.models import Ticket
from aftercare.incidents.figures.queries import figures
from aftercare.incidents.figures.types import Counted, Wanted
from aftercare.incidents.tests.scene import close_alert, open_alert
from tests.world import World

MINUTE = timedelta(minutes=1)


def lead(world: World) -> Counted:
    """That of the last day."""
    return figures(Wanted(world.now - timedelta(days=1), world.now + MINUTE), world.now)["lead"]


def test_until_the_customers_message(world: World) -> None:
    open_alert(world, at=world.now - 10 * MINUTE)
    assert lead(world).value is None, "nobody spoke: no lead, not one of nothing"
    ticket = Ticket.objects.get()
    desk.reply(ticket=ticket, author=world.eng, body="We look.", now=world.now - 8 * MINUTE)
    desk.reply(ticket=ticket, author=world.zhao, body="It stalls.", now=world.now - 6 * MINUTE)
    desk.reply(ticket=ticket, author=world.zhao, body="Still.", now=world.now - 2 * MINUTE)
    assert (lead(world).value, lead(world).n) == (240, 1), "ours is no voice of theirs, and the first one counts"


def test_until_an_end_users_complaint_that_was_earlier(world: World) -> None:
    open_alert(world, at=world.now - 10 * MINUTE)
    desk.reply(ticket=Ticket.objects.get(), author=world.zhao, body="It stalls.", now=world.now - 6 * MINUTE)
    told = Told("c-1", "alice", world.now - 9 * MINUTE, "It stalls", "", "")
    take_complaints(app=world.show_app, rows=[told], way="api", now=world.now)
    assert lead(world).value == 60


def test_thanks_when_it_was_over_are_no_lead(world: World) -> None:
    alert = open_alert(world, at=world.now - 60 * MINUTE)
    close_alert(alert, at=world.now - 40 * MINUTE)
    desk.reply(ticket=Ticket.objects.get(), author=world.zhao, body="Thank you.", now=world.now)
    assert lead(world).value is None
    page = world.client("eng").get("/incident-figures?figure=lead").content.decode()
    assert "Lead time" in page and "Nothing stands behind it" in page
