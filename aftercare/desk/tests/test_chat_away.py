"""Who has left a chat gets the answer by mail, in a thread that leads back to it; whoever has read it does not."""

from datetime import timedelta

import pytest

from aftercare.desk.engine import keep_house
from aftercare.desk.models import ChatSession, ChatVisitor, ChatWidget, Message, Ticket, WaitingAnswer
from aftercare.desk.tests.chatting import Window, answer, make_widget, signed
from aftercare.desk.tests.mails import hear, letter, mailbox
from aftercare.kernel.clock import utc_now
from aftercare.notify.models import Delivery
from tests.world import World

SOON, LATER = timedelta(seconds=30), timedelta(minutes=5)


def mailed() -> list[Delivery]:
    """What goes out of the conversation by mail."""
    return list(Delivery.objects.filter(kind="conversation", channel="email").order_by("pk"))


def ask(world: World, **claims: str) -> tuple[Window, Ticket]:
    """A visitor's first words; with claims the site vouches for them."""
    widget, secret = make_widget(world)
    window = Window(widget, signed(secret, **claims) if claims else "")
    window.say("the stream is black")
    return window, Ticket.objects.get()


def test_it_works(world: World) -> None:
    box = mailbox(world)
    window, ticket = ask(world)
    assert window.state()["reach"] == "If you leave, our answer waits for you here."
    assert window.post("address", {"email": " Zhou@Qq.com "}).json() == {"answers_to": "zhou@qq.com"}
    assert window.state()["reach"] == "If you leave, we will answer to zhou@qq.com."
    answer(world, "agent", ticket, "Which room?")
    page = world.client("agent").get(f"/tickets/{ticket.ref}").content.decode()
    assert "The visitor has the chat open." in page
    keep_house(utc_now() + SOON)
    assert not mailed(), "it is on their screen"
    keep_house(utc_now() + LATER)
    (mail,) = mailed()
    assert (mail.address, mail.account, mail.body.split("\n")[0]) == ("zhou@qq.com", box, "Which room?")
    keep_house(utc_now() + LATER * 2)
    assert len(mailed()) == 1 and not WaitingAnswer.objects.exists(), "once"
    back = letter("zhou@qq.com", "Re: x", "room 42", to=mail.data["mail"]["reply_to"])
    hear(world, box, back)
    assert Ticket.objects.get() == ticket
    assert window.words() == ["the stream is black", "Which room?", "room 42"]


def test_who_has_read_it_is_not_mailed(world: World) -> None:
    mailbox(world)
    window, ticket = ask(world, sub="u1", email="chen@starlight.example")
    answer(world, "agent", ticket, "Hi")
    window.post("reading", {"ref": Message.objects.get(body="Hi").ref})
    keep_house(utc_now() + LATER)
    assert not mailed() and not WaitingAnswer.objects.exists()


def test_an_open_window_is_looked_for_again(world: World) -> None:
    mailbox(world)
    _window, ticket = ask(world, sub="u1", email="chen@starlight.example")
    answer(world, "agent", ticket, "Hi")
    ChatVisitor.objects.update(heard_at=utc_now() + LATER)
    keep_house(utc_now() + LATER)
    assert not mailed()
    keep_house(utc_now() + LATER * 2)
    assert [mail.address for mail in mailed()] == ["chen@starlight.example"]


def test_a_person_who_signs_in_gets_one_mail_and_not_line_by_line(world: World) -> None:
    mailbox(world)
    window, ticket = ask(world, sub="u1", person="zhao@starlight.example")
    assert "zhao@starlight.example" in window.state()["reach"] and not window.state()["may_tell_address"]
    answer(world, "agent", ticket, "Hi")
    assert not Delivery.objects.filter(
        channel="email", user=world.zhao, kind="message", subject_ref=ticket.ref
    ).exists()
    keep_house(utc_now() + LATER)
    assert [mail.address for mail in mailed()] == ["zhao@starlight.example"]


def test_without_an_address_or_a_mailbox_it_waits_in_the_chat(world: World) -> None:
    window, ticket = ask(world)
    assert not window.state()["may_tell_address"], "nothing could be mailed"
    answer(world, "agent", ticket, "Which room?")
    keep_house(utc_now() + LATER)
    assert not mailed()
    ChatVisitor.objects.update(heard_at=utc_now() - LATER)
    part = world.client("agent").get(f"/tickets/{ticket.ref}/thread").content.decode()
    assert "will see your answer on their return" in part
    assert Window(ticket_widget(), token=window.token).words()[-1] == "Which room?"


def ticket_widget() -> ChatWidget:
    """The only widget."""
    return ChatVisitor.objects.get().widget


@pytest.mark.parametrize("told", ["nobody", "support@provider.example", "noreply@x.example", "a@b@c.example"])
def test_rejects_what_is_no_readers_address(world: World, told: str) -> None:
    mailbox(world)
    window, _ticket = ask(world)
    refused = window.post("address", {"email": told})
    assert (
        refused.status_code,
        "cannot" in refused.json()["refused"] or "not an address" in refused.json()["refused"],
    ) == (
        409,
        True,
    )
    assert ChatVisitor.objects.get().email == ""


def test_a_told_address_makes_nobody_the_customers(world: World) -> None:
    box = mailbox(world)
    window, _ticket = ask(world)
    window.post("address", {"email": "evil@qq.com"})
    hear(world, box, letter("evil@qq.com", "let me in", "hello"))
    assert Ticket.objects.count() == 1, "a mail from it opens nothing of this customer's"


def test_the_sites_word_outranks_the_visitors(world: World) -> None:
    mailbox(world)
    window, _ticket = ask(world, sub="u1", email="chen@starlight.example")
    assert "known from the site" in window.post("address", {"email": "x@qq.com"}).json()["refused"]


def test_a_browsers_token_that_is_over_is_forgotten_and_the_chat_stays(world: World) -> None:
    window, ticket = ask(world)
    keep_house(utc_now() + timedelta(days=29))
    assert ChatSession.objects.count() == 1
    keep_house(utc_now() + timedelta(days=31))
    assert ChatSession.objects.count() == 0
    assert window.get("messages").status_code == 401
    assert Ticket.objects.get() == ticket and ChatVisitor.objects.count() == 1
