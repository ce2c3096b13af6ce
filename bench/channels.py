"""The vendors' doubles and a mailbox of group `incident`, in a process of their own, at their documented limits.

`python -m bench.channels CHATS MAILS` prints where they are, and once each of CHATS chats at every vendor and MAILS
mailboxes have heard something, or patience has ended, what came.
"""

import contextlib
import importlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.service import ROOT

PATIENCE_S = 200


@dataclass(frozen=True)
class Channels:
    """Where they are: each vendor's `config`, `secrets` and `chats`, and the mail server's `port`."""

    at: dict[str, Any]
    process: "subprocess.Popen[str]"

    def result(self) -> dict[str, Any]:
        """By channel: `heard` chats or mailboxes, the `last` of them in seconds since the epoch, what came `too_fast`
        for the vendor, and the `faults` of calls that are not as documented.
        """
        assert self.process.stdout is not None
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found


@contextlib.contextmanager
def channels(chats: int, mails: int) -> Iterator[Channels]:
    """Five vendors with so many chats each, and so many mailboxes."""
    command = [sys.executable, "-m", "bench.channels", str(chats), str(mails)]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "aftercare.settings"}
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            yield Channels(json.loads(process.stdout.readline()), process)
        finally:
            process.kill()


def run(chats: int, mails: int) -> None:
    """Until all have heard."""
    import django

    django.setup()

    from aiosmtpd.controller import Controller

    serving = doubled("double", "serving")
    names = [f"-{n + 1}" for n in range(chats)]
    doubles = {
        "feishu": live(doubled("feishu", "Feishu"))(chats=set(names)),
        "dingtalk": live(doubled("dingtalk", "DingTalk"))(chats=set(names)),
        "slack": live(doubled("slack", "Slack"))(channels=set(names)),
        "telegram": live(doubled("telegram", "Telegram"))(chats=set(names)),
        "wecom": live(doubled("wecom", "WeCom"))(robot_keys={name: f"key{name}" for name in names}),
    }
    mailbox = Mailbox()
    port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    with contextlib.ExitStack() as stack:
        controller.start()
        stack.callback(controller.stop)
        for double in doubles.values():
            stack.enter_context(serving(double))
        told = {
            name: {"config": double.config, "secrets": double.secrets, "chats": names}
            for name, double in doubles.items()
        }
        print(json.dumps({"vendors": told, "port": port}), flush=True)
        ends = time.monotonic() + PATIENCE_S
        wanted = {**dict.fromkeys(doubles, chats), "mail": mails}
        places = {**{name: double.at for name, double in doubles.items()}, "mail": mailbox.at}
        while time.monotonic() < ends and any(len(places[name]) < count for name, count in wanted.items()):
            time.sleep(0.2)
        found = {
            name: {
                "heard": len(at),
                "last": max(at.values(), default=0.0),
                "too_fast": doubles[name].too_fast if name in doubles else 0,
                "faults": doubles[name].faults[:3] if name in doubles else [],
            }
            for name, at in places.items()
        }
        print(json.dumps(found), flush=True)


def doubled(module: str, name: str) -> Any:
    """Something of the tests' doubles, which need Django's models."""
    return getattr(importlib.import_module(f"tests.vendors_of_chat.{module}"), name)


def free_port() -> int:
    """One that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def live(kind: type[Any]) -> type[Any]:
    """A double whose clock is the machine's, and that notes when each chat heard something first."""

    class Live(kind):  # type: ignore[misc]
        def answer(self, asked: Any) -> Any:
            self.now = datetime.now(UTC)
            return super().answer(asked)

        def take(self, chat: str, *said: str) -> None:
            super().take(chat, *said)
            self.at.setdefault(chat, time.time())

        def __init__(self, **more: Any) -> None:
            super().__init__(**more)
            self.at: dict[str, float] = {}

    return Live


class Mailbox:
    """Takes every mail, and notes when each address had its first."""

    def __init__(self) -> None:
        self.at: dict[str, float] = {}

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """One mail."""
        for address in envelope.rcpt_tos:
            self.at.setdefault(address, time.time())
        return "250 taken"


if __name__ == "__main__":
    run(*map(int, sys.argv[1:]))
