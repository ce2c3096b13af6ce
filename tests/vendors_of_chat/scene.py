"""A vendor's double with an account of ours there and Starlight's service group in one of its chats."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from aftercare.desk.engine import process_due as work_on
from aftercare.desk.models import Group, Message
from aftercare.notify.engine.sender import Sender, call_provider
from aftercare.notify.envelope import Envelope, sealed
from aftercare.notify.models import Account, Channel, Delivery, State
from aftercare.notify.outcome import Outcome
from tests.vendors_of_chat import dingtalk, feishu, slack, telegram, wecom
from tests.vendors_of_chat.double import Double, serving
from tests.world import World

# Channel, double, its module (for refusals), the chat, a further chat of which the bot is a member.
VENDORS = {
    "feishu": (Channel.FEISHU, feishu.Feishu, feishu, "oc_1", "oc_2"),
    "dingtalk": (Channel.DINGTALK, dingtalk.DingTalk, dingtalk, "cid1", "cid2"),
    "slack": (Channel.SLACK, slack.Slack, slack, "C1", "C2"),
    "telegram": (Channel.TELEGRAM, telegram.Telegram, telegram, "-1001", "-1002"),
    "wecom_bot": (Channel.WECOM, wecom.WeCom, wecom, "wr1", "wr2"),
}


@dataclass
class Scene:
    """One vendor. `run` lets time go by, with our sender and the vendor's clock in step."""

    world: World
    double: Any
    refusal: Any
    account: Account
    group: Group
    other: Group
    client: Client
    now: datetime

    def run(self, seconds: float) -> None:
        """Send for so long, leaping from one due instant to the next."""
        sender, ends = Sender(), self.now + timedelta(seconds=seconds)
        while self.now <= ends:
            sender.process_due(self.now)
            while sender.flights:  # a busy machine takes its time, which is none of the test's
                sender.process_due(self.now)
            due = self.next_due()
            if due is None:
                break
            self.now = max(due, self.now + timedelta(seconds=0.1))
        self.now = ends
        sender.close(5)

    def next_due(self) -> datetime | None:
        """When the first waiting word of some chat is due."""
        first: dict[str, datetime] = {}
        waiting = Delivery.objects.filter(state=State.PENDING, channel=self.account.channel).order_by("pk")
        for address, due_at in waiting.values_list("address", "due_at"):
            first.setdefault(address, due_at)
        return min(first.values(), default=None)

    def work(self) -> list[Message]:
        """Work on what came in; everything that was said in the group, oldest first."""
        work_on(timezone.now())
        return list(self.group.messages.order_by("pk"))

    def deliveries(self) -> list[Delivery]:
        """What went to the vendor, in order."""
        return list(Delivery.objects.filter(account=self.account).order_by("pk"))

    def refresh(self) -> Account:
        """The account as it stands."""
        self.account.refresh_from_db()
        return self.account


def group_in(world: World, account: Account, chat: str, name: str) -> Group:
    """A service group of Starlight, whose expert is Lin."""
    return Group.objects.create(
        customer=world.show,
        account=account,
        chat_id=chat,
        name=name,
        language="en",
        expert=world.eng,
        created_at=world.now,
        updated_at=world.now,
    )


@contextmanager
def scene_of(name: str, world: World, monkeypatch: pytest.MonkeyPatch, **more: Any) -> Iterator[Scene]:
    """The scene of one vendor."""
    channel, make, refusal, chat, further = VENDORS[name]
    monkeypatch.setattr("aftercare.notify.adapters.calling.allows_private_webhooks", lambda: True)
    double: Double = make(**more)

    def call_at_its_time(envelope: Envelope) -> Outcome:
        double.now = envelope.at  # the vendor's clock is the sender's, however slow the machine
        return call_provider(envelope)

    monkeypatch.setattr("aftercare.notify.engine.sender.call_provider", call_at_its_time)
    with serving(double):
        account = Account.objects.create(
            channel=channel, name=name, config=double.config, secrets=sealed(double.secrets), created_at=world.now
        )
        groups = group_in(world, account, chat, "Starlight service"), group_in(world, account, further, "Second")
        yield Scene(world, double, refusal, account, *groups, Client(), world.now)
