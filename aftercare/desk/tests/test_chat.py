"""A web chat is a ticket: words in, words out, once each and in order."""

from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from aftercare.audit.models import Entry
from aftercare.clocks.models import Clock
from aftercare.desk.actions import close_ticket, resolve_ticket
from aftercare.desk.models import Attachment, ChatVisitor, Message, Status, Ticket
from aftercare.desk.tests.chatting import Window, answer, make_widget, signed
from aftercare.notify.models import Delivery
from tests.world import World


def test_it_works_both_ways(world: World) -> None:
    window = Window(make_widget(world)[0])
    said = window.say("  The stream is black\nin Hangzhou ")
    assert said.status_code == 201
    ticket = Ticket.objects.get()
    assert (ticket.customer, ticket.way, ticket.title) == (world.show, "chat", "The stream is black")
    assert answer(world, "agent", ticket, "Which stream?").status_code == 201
    window.say("room-42")
    assert window.words() == ["The stream is black\nin Hangzhou", "Which stream?", "room-42"]
    first = window.get("messages").json()["messages"][0]
    assert window.words(after=first["ref"]) == ["Which stream?", "room-42"]
    assert ticket.messages.count() == 3
    page = world.client("agent").get(f"/tickets/{ticket.ref}").content.decode()
    assert "room-42" in page and "Visitor" in page
    assert Entry.objects.filter(action="ticket.reply", subject=ticket.ref).count() == 2


def test_words_sent_again_count_once(world: World) -> None:
    window = Window(make_widget(world)[0])
    first = window.say("hello", "client-id-1").json()
    again = window.say("hello", "client-id-1").json()
    assert first["ref"] == again["ref"]
    window.say("more", "client-id-2")
    window.say("more", "client-id-2")
    assert window.words() == ["hello", "more"]
    ticket = Ticket.objects.get()
    for _ in range(2):
        assert answer(world, "agent", ticket, "Hi", "agent-id-1").status_code == 201
    assert window.words() == ["hello", "more", "Hi"]


def test_an_id_of_one_visitor_takes_nothing_from_another(world: World) -> None:
    widget, _ = make_widget(world)
    one, other = Window(widget), Window(widget)
    one.say("mine", "client-id-1")
    other.say("theirs", "client-id-1")
    assert (one.words(), other.words()) == (["mine"], ["theirs"])


def test_rejects_what_is_no_message(world: World) -> None:
    window = Window(make_widget(world)[0])
    assert "empty" in window.say(" \x00 ").json()["refused"]
    assert "longer" in window.say("x" * 20_001).json()["refused"]
    assert "id of 8 to 40" in window.say("hi", "x").json()["refused"]
    assert window.post("messages", [1]).status_code == 409
    assert not Ticket.objects.exists()


def test_a_colleague_who_was_first_is_named_and_a_customer_never_is_in_the_way(world: World) -> None:
    window = Window(make_widget(world)[0])
    seen = window.say("hello").json()["ref"]
    ticket = Ticket.objects.get()
    window.say("are you there")
    assert answer(world, "agent", ticket, "Yes", seen=seen).status_code == 201
    refused = answer(world, "eng", ticket, "Yes, me too", seen=seen)
    assert refused.status_code == 409
    assert "Wang was here first" in refused.json()["refused"]


def test_a_note_stays_inside(world: World) -> None:
    window = Window(make_widget(world)[0])
    window.say("hello")
    ticket = Ticket.objects.get()
    data = {"body": "their CDN again", "internal": "1", "version": "1"}
    world.client("agent").post(f"/tickets/{ticket.ref}/messages", data)
    assert window.words() == ["hello"]


def test_a_closed_chat_begins_a_new_ticket_and_the_history_stays(world: World) -> None:
    window = Window(make_widget(world)[0])
    window.say("first question")
    ticket = Ticket.objects.get()
    resolve_ticket(ticket=ticket, user=world.agent, now=world.now)
    window.say("still there")
    ticket.refresh_from_db()
    assert (ticket.status, Ticket.objects.count()) == (Status.OPEN, 1)
    close_ticket(ticket=resolve_ticket(ticket=ticket, user=world.agent, now=world.now), user=world.zhao, now=world.now)
    window.say("second question")
    assert Ticket.objects.count() == 2
    assert window.words() == ["first question", "still there", "second question"]


def test_a_new_question_long_after_a_solved_one_is_a_new_ticket(world: World) -> None:
    window = Window(make_widget(world)[0])
    window.say("first question")
    resolve_ticket(ticket=Ticket.objects.get(), user=world.agent, now=world.now - timedelta(days=2))
    window.say("second question")
    assert Ticket.objects.count() == 2


def test_the_promise_is_a_clock_that_our_answer_stops(world: World) -> None:
    widget, _ = make_widget(world, reply_within_s=600)
    window = Window(widget)
    window.say("hello")
    ticket = Ticket.objects.get()
    clock = Clock.objects.get(kind="chat_reply", subject_ref=ticket.ref)
    assert clock.due_at == clock.started_at + timedelta(seconds=600)
    assert window.state()["answer_by"] == clock.due_at.isoformat()
    answer(world, "agent", ticket, "Hi")
    clock.refresh_from_db()
    assert clock.state == "stopped"


def test_read_marks_go_both_ways(world: World) -> None:
    window = Window(make_widget(world)[0])
    mine = window.say("hello").json()["ref"]
    ticket = Ticket.objects.get()
    assert window.state()["read"] == ""
    agent = world.client("agent")
    assert agent.post(f"/tickets/{ticket.ref}/chat/reading", {"ref": mine}).status_code == 204
    assert window.state()["read"] == mine
    answer(world, "agent", ticket, "Hi")
    theirs = window.get("messages").json()["messages"][-1]["ref"]
    assert "has read up to here" not in agent.get(f"/tickets/{ticket.ref}/thread").content.decode()
    assert window.post("reading", {"ref": theirs}).status_code == 204
    assert "has read up to here" in agent.get(f"/tickets/{ticket.ref}/thread").content.decode()
    assert window.post("reading", {"ref": mine}).status_code == 204  # never backwards
    assert ChatVisitor.objects.get().read_to == Message.objects.get(ref=theirs)


def test_files_go_both_ways_as_downloads(world: World) -> None:
    window = Window(make_widget(world)[0])
    upload = SimpleUploadedFile("日志 <b>.html", b"<script>alert(1)</script>")
    kept = window.client.post(f"{window.base}/files", {"file": upload}, headers=window.headers)
    assert kept.status_code == 201
    window.say("", files=[kept.json()["ref"]])
    ticket = Ticket.objects.get()
    assert ticket.title.startswith("Files of Visitor")
    for found in (
        window.get(f"files/{kept.json()['ref']}"),
        world.client("agent").get(f"/files/{kept.json()['ref']}"),
    ):
        assert b"".join(found.streaming_content) == b"<script>alert(1)</script>"
        assert found["Content-Type"] == "application/octet-stream"
        assert found["Content-Disposition"].startswith("attachment")
        assert "sandbox" in found["Content-Security-Policy"]
    page = world.client("agent").get(f"/tickets/{ticket.ref}").content.decode()
    assert "&lt;b&gt;.html" in page and "<b>.html" not in page
    back = answer(world, "agent", ticket, "", files=[SimpleUploadedFile("fix.txt", b"do this")])
    assert back.status_code == 201
    (file,) = window.get("messages").json()["messages"][-1]["files"]
    assert b"".join(window.get(f"files/{file['ref']}").streaming_content) == b"do this"


def test_rejects_what_is_empty_or_too_large(world: World, settings: Any) -> None:
    settings.FILE_MAX_BYTES = 1000
    window = Window(make_widget(world)[0])
    for name, data, why in (
        ("empty.log", b"", "empty"),
        ("big.log", b"x" * 1001, "larger than a file may be"),
    ):
        upload = SimpleUploadedFile(name, data)
        told = window.client.post(f"{window.base}/files", {"file": upload}, headers=window.headers)
        assert (told.status_code, why in told.json()["refused"]) == (409, True), name
    assert all(file.sha256 == "" for file in Attachment.objects.all())


def test_only_who_asks_is_told_line_by_line(world: World) -> None:
    widget, secret = make_widget(world)
    window = Window(widget, signed(secret, sub="u1", name="Zhao", person="zhao@starlight.example"))
    window.say("hello")
    ticket = Ticket.objects.get()
    assert ticket.opened_by == world.zhao
    Delivery.objects.all().delete()
    answer(world, "agent", ticket, "Hi")
    assert {delivery.user for delivery in Delivery.objects.all()} == {world.zhao}
