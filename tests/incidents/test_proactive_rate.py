"""Proactive rate: whether we knew before the customer did, through the whole chain from an alert to their words."""

from datetime import timedelta

from aftercare.desk import actions as desk
from aftercare.desk.actions.complaints import take_complaints
from aftercare.desk.complaints.rows import Told
from aftercare.desk.models import Ticket
from aftercare.incidents import actions
from aftercare.incidents.figures.queries import figures
from aftercare.incidents.figures.types import Counted, Wanted
from aftercare.incidents.models import Incident
from aftercare.incidents.tests.scene import open_alert
from tests.world import World

MINUTE = timedelta(minutes=1)


def rate(world: World) -> Counted:
    """That of the last day."""
    return figures(Wanted(world.now - timedelta(days=1), world.now + MINUTE), world.now)["proactive"]


def test_an_alert_that_nobody_spoke_of_before(world: World) -> None:
    open_alert(world, at=world.now - 10 * MINUTE)
    assert rate(world).value == 100, "the ticket that opened with it is our own word"
    answer = world.client("zhao").post(f"/tickets/{Ticket.objects.get().ref}/messages", {"body": "We see it, too."})
    assert answer.status_code == 302 and rate(world).value == 100


def test_an_end_users_complaint_before_the_alert(world: World) -> None:
    told = Told("c-1", "alice", world.now - 15 * MINUTE, "It stalls", "", "")
    take_complaints(app=world.show_app, rows=[told], way="api", now=world.now)
    open_alert(world, at=world.now - 10 * MINUTE)
    (row,) = rate(world).rows
    assert rate(world).value == 0 and (row.value, row.is_bad) == (-300, True)


def test_what_was_opened_out_of_a_customers_ticket(world: World) -> None:
    ticket = desk.open_ticket(
        customer_id=world.show.pk,
        app_id=None,
        title="Users complain",
        severity="P2",
        body="It stalls.",
        opened_by=world.zhao,
        now=world.now - 5 * MINUTE,
    )
    actions.declare_incident(
        title="An edge drops packets",
        title_zh="边缘节点丢包",
        severity="red",
        wakes=False,
        token="a" * 32,
        customers=[],
        tickets=[ticket],
        actor=world.eng,
        now=world.now,
    )
    (row,) = rate(world).rows
    assert row.path == f"/incidents/{Incident.objects.get().ref}" and rate(world).value == 0
