"""A customer's reply to an update lands in their ticket alone: no other customer of the incident ever sees it."""

from datetime import timedelta

from aftercare.desk.models import Message, Ticket
from aftercare.desk.tests.mails import hear, letter, mailbox
from aftercare.incidents import actions, engine
from aftercare.incidents.models import Incident, Kind
from aftercare.incidents.telling.posting import post_update
from tests.world import World

SECRET = "Our anchor Xiaomei lost 3,000 viewers"


def told(world: World) -> Incident:
    """An incident of two customers, both told once."""
    facts = {"title": "An edge drops packets", "title_zh": "边缘节点丢包", "severity": "red", "wakes": False}
    customers = [world.show, world.social]
    incident = actions.declare_incident(
        **facts, token="a" * 32, customers=customers, tickets=[], actor=world.ada, now=world.now
    )
    post_update(
        incident=incident,
        author=world.eng,
        stage="identified",
        body="An edge in Shanghai drops packets.",
        body_zh="上海一个边缘节点丢包。",
        next_within=timedelta(minutes=30),
        token="b" * 32,
        now=world.now,
    )
    engine.process_due(world.now)
    return incident


def is_alone(world: World, incident: Incident, mine: Ticket) -> None:
    """The words stand in this ticket, one line tells of them to who may read it, and the other customer reads none."""
    assert [message.ticket for message in Message.objects.filter(body__contains=SECRET)] == [mine]
    lines = incident.timeline.filter(kind=Kind.CUSTOMER_REPLIED)
    assert [line.customer for line in lines] == [world.show]
    theirs = Ticket.objects.get(customer=world.social, incident_ref=incident.ref)
    other = world.client("stranger")
    for path in (f"/incidents/{incident.ref}?whole=1", f"/tickets/{theirs.ref}", "/", "/search?q=Xiaomei"):
        text = other.get(path).content.decode()
        assert SECRET not in text and mine.ref not in text and "Starlight" not in text, path
    assert other.get(f"/tickets/{mine.ref}").status_code == 404
    assert SECRET in world.client("eng").get(f"/tickets/{mine.ref}").content.decode()


def test_in_the_portal(world: World) -> None:
    incident = told(world)
    mine = Ticket.objects.get(customer=world.show, incident_ref=incident.ref)
    answer = world.client("zhao").post(f"/tickets/{mine.ref}/messages", {"body": SECRET})
    assert answer.status_code == 302
    is_alone(world, incident, mine)


def test_by_mail(world: World) -> None:
    incident = told(world)
    mine = Ticket.objects.get(customer=world.show, incident_ref=incident.ref)
    account = mailbox(world)
    hear(world, account, letter(world.zhao.email, f"Re: {mine.title} [#{mine.number}]", SECRET))
    found = Message.objects.get(body__contains=SECRET)
    assert found.ticket is not None and found.ticket.customer == world.show
    theirs = Ticket.objects.get(customer=world.social, incident_ref=incident.ref)
    assert (
        found.ticket != theirs and SECRET not in world.client("stranger").get(f"/tickets/{theirs.ref}").content.decode()
    )
