"""Who does not sign in is asked how it was solved where they asked: by mail or in their group, once a solving."""

import re

from aftercare.desk.actions import reopen_ticket, resolve_ticket
from aftercare.desk.actions.group_tickets import open_from_message
from aftercare.desk.models import Contact, Group, Rating, Ticket
from aftercare.desk.tests.group_scene import say
from aftercare.desk.tests.mails import hear, letter, mailbox
from aftercare.notify.models import Delivery
from tests.world import World

GOOD = {"expertise": "5", "attitude": "4", "communication": "5", "first_contact": "", "words": "quick"}
LINK = re.compile(r"https?://[^/\s]+(/ratings/\S+)")


def link_in(text: str) -> str:
    """The path of the rating link."""
    found = LINK.search(text)
    assert found, text
    return found[1]


def test_a_mails_asker_rates_by_the_link_in_the_thread(world: World) -> None:
    Contact.objects.create(customer=world.show, name="Chen", email="chen@starlight.example", created_at=world.now)
    hear(world, mailbox(world), letter("chen@starlight.example"))
    ticket = Ticket.objects.get()
    resolve_ticket(ticket=ticket, user=world.agent, now=world.now)
    resolve_ticket(ticket=ticket, user=world.agent, now=world.now)
    mail = Delivery.objects.get(kind="mail.rating")
    assert (mail.address, mail.data["mail"]["is_automatic"]) == ("chen@starlight.example", True)
    assert ticket.ref in mail.data["mail"]["reply_to"], "an answer opens it again"
    path = link_in(mail.body)
    assert world.client("agent").post(path, GOOD).status_code == 403, "nobody of ours rates"
    assert world.client().post(path, GOOD).status_code == 302
    rating = Rating.objects.get()
    assert (rating.words, rating.by_link, rating.rated_by) == ("quick", True, None)
    reopen_ticket(ticket=ticket, user=world.agent, now=world.now)
    resolve_ticket(ticket=ticket, user=world.agent, now=rating.solved_at.replace(microsecond=1))
    assert Delivery.objects.filter(kind="mail.rating").count() == 2, "another solving is another question"


def test_a_groups_asker_has_it_in_the_group(world: World, group: Group, wang: Contact) -> None:
    asked = say(group, wang, "画面卡顿", world.now, "om_1")
    ticket = open_from_message(group=group, message=asked, actor=world.agent, now=world.now)
    resolve_ticket(ticket=ticket, user=world.agent, now=world.now)
    (sent,) = Delivery.objects.filter(account=group.account, kind="conversation", body__contains="/ratings/")
    assert world.client().post(link_in(sent.body), GOOD).status_code == 302
    assert Rating.objects.get().expertise == 5


def test_who_signs_in_gets_no_second_question(world: World, ticket: Ticket) -> None:
    resolve_ticket(ticket=ticket, user=world.agent, now=world.now)
    assert not Delivery.objects.filter(kind="mail.rating").exists()
