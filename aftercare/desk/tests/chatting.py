"""A visitor's window, without a browser: what its script asks of the server."""

import base64
import hashlib
import hmac
import itertools
import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from aftercare.desk.actions import save_widget
from aftercare.desk.actions.chat_widgets import WidgetFacts
from aftercare.desk.models import ChatWidget
from aftercare.kernel.clock import utc_now
from tests.world import World

_numbers = itertools.count(1)


def make_widget(world: World, **changes: Any) -> tuple[ChatWidget, str]:
    """A widget on Starlight's site that anyone may write through, and its secret."""
    facts = {
        "name": "Console",
        "customer": world.show,
        "anonymous": True,
        "origins": ("https://console.starlight.example",),
        "greeting": "Ask us anything.",
        "greeting_zh": "有问题请留言。",
        "calendar": None,
        "reply_within_s": 3600,
        "enabled": True,
    }
    return save_widget(widget=None, facts=WidgetFacts(**{**facts, **changes}), actor=world.ada, now=world.now)


def signed(secret: str, **claims: Any) -> str:
    """An identity as a customer's server signs it: HS256, by hand."""
    claims.setdefault("exp", int(utc_now().timestamp()) + 600)
    parts = [json.dumps({"alg": "HS256", "typ": "JWT"}), json.dumps(claims)]
    text = ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts)
    digest = hmac.digest(secret.encode(), text.encode(), hashlib.sha256)
    return f"{text}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


class Window:
    """One browser of a visitor."""

    def __init__(self, widget: ChatWidget, identity: str = "", *, token: str = "", address: str = "192.0.2.1") -> None:
        self.base = f"/chat/{widget.site_key}"
        self.client = Client(REMOTE_ADDR=address)
        self.token = token
        if not token:
            answer = self.post("session", {"identity": identity})
            self.begun = answer
            self.token = answer.json().get("token", "")

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def post(self, path: str, values: Any = None, **headers: str) -> HttpResponse:
        return self.client.post(
            f"{self.base}/{path}", json.dumps(values or {}), "application/json", headers={**self.headers, **headers}
        )

    def get(self, path: str, **values: str) -> HttpResponse:
        return self.client.get(f"{self.base}/{path}", values, headers=self.headers)

    def say(self, body: str, client_id: str = "", **more: Any) -> HttpResponse:
        return self.post("messages", {"client_id": client_id or f"client-id-{next(_numbers)}", "body": body, **more})

    def words(self, after: str = "") -> list[str]:
        return [message["body"] for message in self.get("messages", after=after).json()["messages"]]

    def state(self, **values: str) -> dict[str, Any]:
        return dict(self.get("state", **values).json())


def answer(world: World, name: str, ticket: Any, body: str, client_id: str = "", **more: Any) -> HttpResponse:
    """A colleague's words from the console."""
    values = {"body": body, "client_id": client_id or f"agent-id-{next(_numbers)}", **more}
    return world.client(name).post(f"/tickets/{ticket.ref}/chat", values)
