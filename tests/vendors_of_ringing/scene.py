"""The vendors of SMS and calls at loopback, and people who are to be reached by them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from aftercare.accounts.models import User
from aftercare.notify import actions
from aftercare.notify.engine.sender import Sender, call_provider
from aftercare.notify.envelope import Envelope
from aftercare.notify.keeping_accounts import save_account
from aftercare.notify.models import Account, ContactMethod, Delivery, State
from aftercare.notify.outcome import Outcome
from tests.vendors_of_chat.double import serving
from tests.vendors_of_ringing.aliyun import Aliyun
from tests.vendors_of_ringing.phones import Phones
from tests.vendors_of_ringing.tencent import Tencent
from tests.vendors_of_ringing.twilio import Twilio
from tests.world import World

MOBILE, OTHER = "+8613800000001", "+8613900000002"
ABROAD = "+14155550100"


@dataclass
class Ringing:
    """The doubles, with a sender and the vendors' clocks in step."""

    world: World
    aliyun: Aliyun
    tencent: Tencent
    twilio: Twilio
    now: datetime

    def account(self, kind: str, place: int = 1, **more: Any) -> Account:
        """An account of the provider's with one of them; `more` goes into its settings."""
        channel, _colon, vendor = kind.partition(":")
        double = {"aliyun": self.aliyun, "tencent": self.tencent, "twilio": self.twilio}[vendor]
        return save_account(
            account=None,
            channel=kind,
            name=kind,
            config={**double.config(channel), **more},
            secrets=double.secrets,
            enabled=True,
            place=place,
            actor=self.world.ada,
            now=self.now,
        )

    def contact(self, channel: str, address: str = MOBILE, user: User | None = None, **more: Any) -> ContactMethod:
        """A way to reach Lin, confirmed."""
        facts = {"user": user or self.world.eng, "channel": channel, "address": address, "verified": True}
        return actions.add_contact(**{**facts, **more}, now=self.now)

    def send(self, contact: ContactMethod, **more: Any) -> Delivery:
        """An urgent page to it, which may be answered."""
        facts: dict[str, Any] = {"kind": "page", "subject_ref": "inc-1", "title": "卡顿率 6.2%", "urgency": "urgent"}
        facts |= {"data": {"answerable": True, "spoken": {"severity": "红线", "at": "12:00"}}, "url_path": "/p/1"}
        return actions.send(
            user=contact.user,
            contact=contact,
            channel=contact.channel,
            address=contact.address,
            now=self.now,
            **{**facts, **more},
        )

    def run(self, seconds: float = 0) -> None:
        """Send for so long, leaping from one due instant to the next."""
        sender, ends = Sender(), self.now + timedelta(seconds=seconds)
        while True:
            sender.process_due(self.now)
            while sender.flights:
                sender.process_due(self.now)
            due = Delivery.objects.filter(state=State.PENDING).order_by("due_at").values_list("due_at", flat=True)
            first = due.first()
            if first is None or max(first, self.now) > ends:
                break
            self.now = max(first, self.now + timedelta(seconds=0.1))
        self.now = max(self.now, ends)
        sender.close(5)


def fresh(delivery: Delivery) -> Delivery:
    """The row as it stands."""
    return Delivery.objects.get(pk=delivery.pk)


@contextmanager
def ringing_in(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ringing]:
    """All three, on a Monday's noon in China; whatever they took and no test looked at fails it."""
    monkeypatch.setattr("aftercare.notify.adapters.calling.allows_private_webhooks", lambda: True)
    doubles: tuple[Phones, ...] = (Aliyun(), Tencent(), Twilio())

    def call_at_its_time(envelope: Envelope) -> Outcome:
        for double in doubles:
            double.now = envelope.at
        return call_provider(envelope)

    monkeypatch.setattr("aftercare.notify.engine.sender.call_provider", call_at_its_time)
    noon = datetime.fromisoformat("2026-11-30T12:00:00+08:00")
    with ExitStack() as stack:
        aliyun, tencent, twilio = (stack.enter_context(serving(double)) for double in doubles)
        yield Ringing(world, aliyun, tencent, twilio, noon)  # type: ignore[arg-type]
        left = [one for double in doubles for one in double.reached]
    assert not left, f"nobody expected these: {left}"
