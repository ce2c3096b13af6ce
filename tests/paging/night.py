"""The night that every promise of waking somebody is kept in: real rows, real engines, vendors at loopback.

Lin is on the primary schedule, Ada on the backup, five minutes apart; Mei's week is the next one. Everybody has a text
message by Aliyun. Time is an instant that tests move: nothing sleeps. What came and no test looked at fails it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import Min

from aftercare.accounts.models import User
from aftercare.notify.engine.sender import Sender
from aftercare.notify.models import ContactMethod, Delivery, State
from aftercare.oncall import actions, engine
from aftercare.oncall.models import Page, PageState, Schedule
from aftercare.oncall.tests.cast import Duty, make_duty
from tests.vendors_of_ringing.scene import Ringing, ringing_in
from tests.world import World

NUMBERS = {"Lin": "+8613800000001", "Mei": "+8613900000002", "Ada": "+8613700000003"}
WAYS = {"SendSms": "text", "message": "text", "SingleCallByTts": "call", "SendTtsVoice": "call", "call": "call"}
# Whose pages tell the time by themselves.
CLOCKS = [
    "notify.views.ringing",
    *(f"oncall.views.{name}" for name in ("feeds", "handovers", "pages", "phone", "schedule", "swaps")),
]


@dataclass
class Night:
    """One process's engine and sender, and whom they woke."""

    duty: Duty
    ringing: Ringing
    sender: Sender = field(default_factory=Sender)

    @property
    def world(self) -> World:
        """Who there is."""
        return self.duty.world

    @property
    def now(self) -> datetime:
        """The instant that it is."""
        return self.ringing.now

    @now.setter
    def now(self, at: datetime) -> None:
        self.ringing.now = at

    def page(self, **more: Any) -> Page:
        """Begin to page about inc-1, a red one unless told otherwise."""
        return self.duty.page(now=self.now, **more)

    def text(self, user: User, **more: Any) -> ContactMethod:
        """This person is reached by text."""
        return self.ringing.contact("sms", NUMBERS[user.name], user, **more)

    def call(self, user: User, number: str = "", **more: Any) -> ContactMethod:
        """This person is reached by a call."""
        return self.ringing.contact("voice", number or NUMBERS[user.name], user, **more)

    def order(self, *steps: Schedule | User, delay_s: int = 300, repeat: int = 0) -> None:
        """Who is woken after whom."""
        order = [(step, delay_s) for step in steps]
        actions.save_policy(steps=order, repeat=repeat, actor=self.world.ada, now=self.now)

    def work(self) -> None:
        """Everything that is due now is done, what it leads to as well."""
        engine.process_due(self.now)
        self.sender.process_due(self.now)
        while self.sender.flights:
            self.sender.process_due(self.now)

    def wait(self, seconds: float) -> None:
        """Time passes with the engines at work, from one due instant to the next."""
        ends = self.now + timedelta(seconds=seconds)
        self.work()
        while (first := next_due()) is not None and first <= ends:
            self.now = max(first, self.now + timedelta(seconds=0.1))
            self.work()
        self.now = max(self.now, ends)

    def pass_by(self, seconds: float) -> None:
        """Time passes with no engine at work."""
        self.now += timedelta(seconds=seconds)

    def heard(self) -> list[str]:
        """Who was reached how since the last look, in the order of each vendor: `Lin text`, `Ada call, again`."""
        return [one for double in self.doubles for one in taken(double.reached)]

    @property
    def doubles(self) -> Sequence[Any]:
        """The vendors."""
        return self.ringing.aliyun, self.ringing.tencent, self.ringing.twilio

    def take(self, page: Page, person: str = "eng", via: str = "console") -> Page:
        """Somebody has it."""
        return actions.acknowledge_page(page=page, user=self.world.people[person], via=via, now=self.now)

    def silence(self, seconds: float = 3600) -> None:
        """Nothing comes for so long."""
        self.wait(seconds)
        assert self.heard() == []


def taken(reached: list[Any]) -> list[str]:
    """What one vendor sent, in words, and forgotten."""
    names = {number.removeprefix("+86"): name for name, number in NUMBERS.items()}
    found = [
        f"{names.get(one.number.removeprefix('+86'), one.number)} {WAYS[one.action]}"
        + (", again" if "Repeat" in str(one.said) else "")
        for one in reached
    ]
    reached.clear()
    return found


def next_due() -> datetime | None:
    """When an engine has something to do again."""
    steps = Page.objects.filter(state=PageState.OPEN).aggregate(at=Min("next_step_at"))["at"]
    to_go = Delivery.objects.filter(state=State.PENDING).aggregate(at=Min("due_at"))["at"]
    cut_off = Delivery.objects.filter(state=State.SENDING).aggregate(at=Min("deadline_at"))["at"]
    return min((at for at in (steps, to_go, cut_off) if at is not None), default=None)


def fresh(page: Page) -> Page:
    """The row as it stands."""
    return Page.objects.get(pk=page.pk)


def states(page: Page, channel: str = "sms") -> list[str]:
    """What became of the messages of a page by this channel, in their order."""
    rows = Delivery.objects.filter(subject_ref=page.ref, channel=channel).order_by("pk")
    return list(rows.values_list("state", flat=True))


@contextmanager
def night_in(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Night]:
    """A Monday's noon in Shanghai, which is night somewhere."""
    with ringing_in(world, monkeypatch) as ringing:
        night = Night(make_duty(world), ringing)
        night.now = night.duty.now
        clock: Callable[[], datetime] = lambda: night.now  # noqa: E731
        for module in CLOCKS:
            monkeypatch.setattr(f"aftercare.{module}.utc_now", clock)
        ringing.account("sms:aliyun")
        for user in (world.eng, world.mei, world.ada):
            night.text(user)
        yield night
        night.sender.close(5)
