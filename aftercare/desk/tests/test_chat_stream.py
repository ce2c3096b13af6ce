"""A window's stream, through a real server: its own words from where it broke off, and no connection held."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import pytest
import uvicorn
from django.core.asgi import get_asgi_application
from django.db import connection

from aftercare.desk.actions import answer_chat, begin_session, post_chat, tell_ticket
from aftercare.desk.models import ChatVisitor, ChatWidget
from aftercare.desk.tests.chatting import make_widget
from aftercare.desk.views.chat import listening
from aftercare.notify import stream
from tests.world import World, make_world


@pytest.fixture
def people(transactional_db: Any) -> World:
    return make_world()


@pytest.fixture
def widget(people: World) -> ChatWidget:
    return make_widget(people)[0]


@pytest.fixture
def port(people: World) -> Iterator[int]:
    """A server of this test's own; it must end within seconds although streams are open."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    config = uvicorn.Config(get_asgi_application(), port=port, log_level="warning", lifespan="off", backlog=2048)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(200):
        if server.started:
            break
        time.sleep(0.05)
    yield port
    stream.close_all()
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive(), "the server did not stop"


class Listener:
    """One window's stream."""

    def __init__(self, port: int, widget: ChatWidget, token: str, last: str = "") -> None:
        headers = {"Authorization": f"Bearer {token}", **({"Last-Event-ID": last} if last else {})}
        self.connection = HTTPConnection("127.0.0.1", port, timeout=20)
        self.connection.request("GET", f"/chat/{widget.site_key}/stream?lang=en", headers=headers)
        self.response: HTTPResponse = self.connection.getresponse()

    def event(self) -> dict[str, Any]:
        while True:
            line = self.response.readline()
            assert line, "the stream ended"
            if line.startswith(b"data: "):
                return dict(json.loads(line[6:]))

    def hello(self) -> "Listener":
        while self.response.readline() != b": hello\n":
            pass
        return self


def begin(world: World, widget: ChatWidget) -> tuple[ChatVisitor, str]:
    return begin_session(widget=widget, identity="", language="en", now=world.now)


def say(world: World, visitor: ChatVisitor, body: str) -> str:
    message = post_chat(visitor=visitor, client_id=f"id-{body}".replace(" ", "-"), body=body, now=world.now)
    visitor.refresh_from_db()
    return message.ref


def test_it_works(people: World, widget: ChatWidget, port: int) -> None:
    (mine, token), (other, other_token) = begin(people, widget), begin(people, widget)
    first = say(people, mine, "first words")
    heard, theirs = Listener(port, widget, token).hello(), Listener(port, widget, other_token).hello()
    assert heard.event()["message"]["body"] == "first words"
    say(people, other, "somebody else")
    assert theirs.event()["message"]["body"] == "somebody else"
    assert mine.ticket is not None
    for body in ("Hello", "and more"):
        answer_chat(ticket=mine.ticket, author=people.agent, client_id=f"agent-{body}".replace(" ", "-"), body=body,
                    now=people.now)  # fmt: skip
    assert [heard.event()["message"]["body"] for _ in range(2)] == ["Hello", "and more"]
    again = Listener(port, widget, token, last=first).hello()
    assert [again.event()["message"]["body"] for _ in range(2)] == ["Hello", "and more"]


def test_signs_pass(people: World, widget: ChatWidget, port: int) -> None:
    visitor, token = begin(people, widget)
    say(people, visitor, "first words")
    assert visitor.ticket is not None
    heard = Listener(port, widget, token).hello()
    heard.event()
    agent = people.client("agent")
    agent.post(f"/tickets/{visitor.ticket.ref}/chat/typing")
    assert heard.event() == {"kind": "typing", "name": "Wang"}
    said = visitor.ticket.messages.get()
    agent.post(f"/tickets/{visitor.ticket.ref}/chat/reading", {"ref": said.ref})
    assert heard.event() == {"kind": "read", "ref": said.ref}


def test_rejects_who_has_no_token(people: World, widget: ChatWidget, port: int) -> None:
    assert Listener(port, widget, "guess").response.status == 401


def test_a_fifth_window_ends_the_first(people: World, widget: ChatWidget, port: int) -> None:
    _, token = begin(people, widget)
    first = Listener(port, widget, token).hello()
    rest = [Listener(port, widget, token).hello() for _ in range(4)]
    while first.response.readline():
        pass
    assert all(each.response.status == 200 for each in rest)


def test_too_many_are_told_to_ask_instead(
    people: World, widget: ChatWidget, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "STREAMS_AT_MOST", 1)
    (_, one), (_, two) = begin(people, widget), begin(people, widget)
    held = Listener(port, widget, one).hello()
    assert Listener(port, widget, two).response.status == 503
    held.connection.close()


@pytest.mark.parametrize("windows", [40, pytest.param(250, marks=pytest.mark.long)])
def test_many_open_streams_hold_no_database_connection(
    people: World, widget: ChatWidget, port: int, windows: int
) -> None:
    """The long one has a thousand."""
    visitors = [begin(people, widget) for _ in range(windows)]
    listeners = [Listener(port, widget, token).hello() for _, token in visitors for _ in range(4)]
    assert len(listeners) == 4 * windows
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN aftercare_push'")
        assert cursor.fetchone()[0] <= 2
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        assert cursor.fetchone()[0] < 40
    last, _ = visitors[-1]
    say(people, last, "still quick")
    assert {listener.event()["message"]["body"] for listener in listeners[-4:]} == {"still quick"}
    for listener in listeners:
        listener.connection.close()


@pytest.mark.parametrize(
    "body", ["长" * 2_250, "长" * 2_400, '"\n' * 1_600, '"\n' * 1_990, "\x01" * 3_000, "x" * 20_000]
)
def test_words_of_any_length_come_once(people: World, widget: ChatWidget, port: int, body: str) -> None:
    visitor, token = begin(people, widget)
    first = say(people, visitor, "first words")
    assert visitor.ticket is not None
    heard = Listener(port, widget, token, last=first).hello()
    for number, words in enumerate((body, "and then")):
        answer_chat(ticket=visitor.ticket, author=people.agent, client_id=f"agent-id-{number}", body=words,
                    now=people.now)  # fmt: skip
    assert [heard.event()["message"]["body"] for _ in range(2)] == [body.strip(), "and then"]


def test_words_of_the_system_come_in_the_readers_language(people: World, widget: ChatWidget, port: int) -> None:
    visitor, token = begin(people, widget)
    first = say(people, visitor, "first words")
    assert visitor.ticket is not None
    heard = Listener(port, widget, token, last=first).hello()
    tell_ticket(ticket=visitor.ticket, body="We are on it.", body_zh="我们正在处理。", now=people.now)
    assert heard.event()["message"]["body"] == "We are on it."


def test_an_agents_console_has_the_words_and_the_version(people: World, widget: ChatWidget, port: int) -> None:
    visitor, _token = begin(people, widget)
    say(people, visitor, "first words")
    ticket = visitor.ticket
    assert ticket is not None
    client = people.client("agent")
    client.get(f"/tickets/{ticket.ref}")  # it is open before them
    console = HTTPConnection("127.0.0.1", port, timeout=20)
    console.request("GET", "/events", headers={"Cookie": f"sessionid={client.cookies['sessionid'].value}"})
    response = console.getresponse()
    while response.readline() != b": hello\n":
        pass
    said = say(people, visitor, "still black")
    events = []
    while not events or "words" not in events[-1]:
        line = response.readline()
        if line.startswith(b"data: "):
            events.append(json.loads(line[6:]))
    ticket.refresh_from_db()
    told = events[-1]
    assert (told["subject"], told["version"]) == (ticket.ref, ticket.version)
    assert (told["words"]["ref"], told["words"]["body"], told["words"]["side"]) == (said, "still black", "customer")
    console.close()
