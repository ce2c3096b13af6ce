"""Twilio, as twilio.com/docs documents it: Messages and Calls, TwiML, signed callbacks."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree

from django.conf import settings
from django.test import Client

from tests.vendors_of_chat.double import Asked, Reply
from tests.vendors_of_ringing.phones import Phones

DOWN: Reply = (503, {}, {"code": 20503, "message": "Service Unavailable", "status": 503})
VERBS = {"Response", "Say", "Gather"}


@dataclass
class Twilio(Phones):
    sid: str = "AC0123456789"
    auth_token: str = "twilio-token"
    sender: str = "+15005550006"

    def config(self, channel: str) -> dict[str, Any]:
        """An account's settings."""
        return {"base_url": self.url, "account_sid": self.sid, "from": self.sender}

    @property
    def secrets(self) -> dict[str, str]:
        return {"auth_token": self.auth_token}

    def answer(self, asked: Asked) -> Reply:
        assert asked.method == "POST" and asked.query == {}
        pair = base64.b64encode(f"{self.sid}:{self.auth_token}".encode()).decode()
        if asked.headers.get("authorization") != f"Basic {pair}":
            return 401, {}, {"code": 20003, "message": "Authenticate", "status": 401}
        assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
        form = dict(parse_qsl(asked.body.decode(), strict_parsing=True, keep_blank_values=True))
        if self.refusals:
            return self.refusals.pop(0)
        assert form["To"].startswith("+") and form["From"] == self.sender
        assert form["StatusCallback"].startswith(settings.BASE_URL), form
        resource = asked.path.removeprefix(f"/2010-04-01/Accounts/{self.sid}/")
        if form["To"] == "+15005550001":
            return 400, {}, {"code": 21211, "message": "The 'To' number is not a valid phone number.", "status": 400}
        if resource == "Messages.json":
            assert set(form) == {"To", "From", "Body", "StatusCallback"} and 1 <= len(form["Body"]) <= 1600
            made = self.keep(form["To"], "message", form["Body"], form["StatusCallback"])
        else:
            assert resource == "Calls.json", asked.path
            assert set(form) == {"To", "From", "Twiml", "Timeout", "StatusCallback", "StatusCallbackMethod"}
            self.check_twiml(form["Twiml"])
            made = self.keep(form["To"], "call", form["Twiml"], form["StatusCallback"])
        return 201, {}, {"sid": made, "status": "queued", "to": form["To"]}

    @staticmethod
    def check_twiml(text: str) -> None:
        """Well-formed, at most 4,000 characters, and nothing but what we mean to say."""
        assert len(text) <= 4000
        root = ElementTree.fromstring(text)  # noqa: S314
        assert root.tag == "Response" and {one.tag for one in root.iter()} <= VERBS, text
        for gather in root.iter("Gather"):
            assert gather.attrib["numDigits"] == "1" and gather.attrib["action"].startswith(settings.BASE_URL)

    def signature(self, url: str, form: dict[str, str]) -> str:
        """As docs/usage/security says: the address and the fields in order under HMAC-SHA1."""
        text = url + "".join(f"{name}{form[name]}" for name in sorted(form))
        return base64.b64encode(hmac.new(self.auth_token.encode(), text.encode(), hashlib.sha1).digest()).decode()

    def call_back(self, url: str, form: dict[str, str], **how: Any) -> Any:
        """Call one of our addresses as Twilio does. `how`: signature."""
        given = how.get("signature", self.signature(url, form))
        path = url.removeprefix(settings.BASE_URL)
        return Client().post(path, form, headers={"X-Twilio-Signature": given})
