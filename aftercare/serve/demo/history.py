"""An hour of the past: the audiences' reports stored as raw rows, and one fault replayed through the real engines."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from rich.progress import Progress

from aftercare.accounts.models import App, User
from aftercare.desk.actions import reply
from aftercare.desk.models import Ticket
from aftercare.incidents import engine as incidents_engine
from aftercare.ingest.facts import Vocabulary
from aftercare.ingest.keys import Key
from aftercare.ingest.rows import Rows
from aftercare.ingest.samples import Facts, Sample
from aftercare.ingest.sessions import Session
from aftercare.notify import engine as notify_engine
from aftercare.oncall import engine as oncall_engine
from aftercare.oncall.actions import acknowledge_page
from aftercare.oncall.models import Page
from aftercare.serve.demo.audience import REPORT_S, SCENES, Audience, Fault, evening
from aftercare.serve.process import Worker
from aftercare.watch import engine as watch_engine

SEEDS = {"show_live": 11, "one_to_one": 22, "voice_room": 33}
ROWS_A_COMMIT = 20_000
FAULT_BEGAN = timedelta(minutes=38)
FAULT_ENDED = timedelta(minutes=33)


def past_fault(now: datetime) -> Fault:
    """What went wrong in the past hour: one edge in Guangdong fed its viewers too slowly for five minutes."""
    return Fault((now - FAULT_BEGAN).timestamp(), (now - FAULT_ENDED).timestamp(), (("edge", "gz-03"),), share=0.35)


def make_audiences(now: datetime) -> dict[str, Audience]:
    """The audience of every simulated app, by scenario."""
    faults = {"show_live": (past_fault(now),)}
    return {name: Audience(SCENES[name], seed=SEEDS[name], faults=faults.get(name, ())) for name in SCENES}


def store_past_hour(
    worker: Worker, apps: dict[str, App], audiences: dict[str, Audience], keys: dict[int, Key], now: datetime
) -> int:
    """Write the past hour's reports of every simulated app; returns how many."""
    end_s = now.timestamp() // REPORT_S * REPORT_S
    ticks = [end_s - 3600 + REPORT_S * (i + 1) for i in range(3600 // REPORT_S)]
    writer = PastWriter(worker)
    with Progress(transient=True) as progress:
        task = progress.add_task("an hour of history", total=len(ticks) * len(audiences))
        for at_s in ticks:
            for scenario, audience in audiences.items():
                for line in audience.reports(at_s, level=evening(at_s, end_s)):
                    writer.add(line, keys[apps[scenario].pk], at_s)
                progress.advance(task)
        writer.flush()
    worker.steps.run_due(force=True)
    return writer.written


class PastWriter:
    """Turns lines of the native format into raw rows as the front door does, without a request for each."""

    def __init__(self, worker: Worker) -> None:
        self._commits = worker.commits
        self._rows = Rows()
        self._sessions: dict[tuple[int, str], Session] = {}
        self._words = Vocabulary()
        self.written = 0

    def add(self, line: dict[str, Any], key: Key, at_s: float) -> None:
        """Add one line."""
        sample = msgspec.convert(line, Sample)
        session = self._sessions.setdefault((key.app, sample.session), Session(key.app, sample.session))
        if isinstance(sample.facts, Facts):
            session.facts = self._words.clean(sample.facts, session.facts, key, at_s)
        self._rows.add(sample, key, session.facts, opened=session.open())
        if len(self._rows) >= ROWS_A_COMMIT:
            self.flush()

    def flush(self) -> None:
        """Commit what is there."""
        if len(self._rows):
            newest = max(sample.ts for sample in self._rows.samples)
            self._commits.write(self._rows.columns(newest), len(self._rows))
            self.written += len(self._rows)
            self._rows = Rows()


def replay_past_fault(apps: dict[str, App], people: dict[str, User], now: datetime) -> None:
    """Let the real engines live through the past fault: alert, incident, page, ticket, and what people did then."""
    began = now - FAULT_BEGAN
    acts: list[tuple[timedelta, Callable[[datetime], object]]] = [
        (timedelta(seconds=95), lambda at: acknowledge_open_pages(people["lin"], at)),
        (timedelta(minutes=2, seconds=30), lambda at: say(people["wang"], FIRST_WORD, at)),
        (timedelta(minutes=4), lambda at: say(people["zhao"], ANSWER, at)),
        (timedelta(minutes=8), lambda at: say(people["wang"], LAST_WORD, at)),
    ]
    at, end = began - timedelta(seconds=10), began + timedelta(minutes=9)
    with Progress(transient=True) as progress:
        task = progress.add_task("replaying its fault", total=(end - at) // timedelta(seconds=10))
        while at < end:
            for process_due in (watch_engine, oncall_engine, notify_engine, incidents_engine):
                process_due.process_due(at)
            while acts and at >= began + acts[0][0]:
                acts.pop(0)[1](at)
            at += timedelta(seconds=10)
            progress.advance(task)


FIRST_WORD = "我们已经收到告警，广州 gz-03 节点出口拥塞，正在把观众切到相邻节点，十分钟内再向您通报。"
ANSWER = "收到，主播那边也反馈了，主要是广东的用户在喊卡。"
LAST_WORD = "21 个房间已切走，卡顿时长占比回到 1% 以下。节点扩容今晚完成，报告明天上午发您。"


def acknowledge_open_pages(person: User, at: datetime) -> None:
    """The person on call takes what is open."""
    for page in Page.objects.filter(state="open"):
        acknowledge_page(page=page, user=person, via="phone", now=at)


def say(person: User, words: str, at: datetime) -> None:
    """Write on the newest ticket."""
    ticket = Ticket.objects.order_by("-created_at").first()
    if ticket is not None:
        reply(ticket=ticket, author=person, body=words, now=at)
