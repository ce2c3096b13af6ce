"""`aftercare demo`: the service on a simulated world; with --check the story once, without a person."""

import argparse
import json
import shutil
import threading
import urllib.request
from datetime import datetime

from django.conf import settings
from rich.console import Console

from aftercare.accounts.models import App
from aftercare.kernel.clock import utc_now
from aftercare.serve.demo.audience import REPORT_S, Audience
from aftercare.serve.demo.entry import entry_path
from aftercare.serve.demo.history import make_audiences, replay_past_fault, store_past_hour
from aftercare.serve.demo.story import Story
from aftercare.serve.demo.stream import LiveStream
from aftercare.serve.demo.world import Keys, World, keep_keys, kept_keys, make_people_and_customers
from aftercare.serve.keys import load_keys
from aftercare.serve.loops import Loop
from aftercare.serve.process import Engines, Service, Worker

console = Console(highlight=False, stderr=True)


def run_demo(arguments: argparse.Namespace) -> int:
    """Run the demo until a signal, or the check until its end. Returns the exit code."""
    engines = Engines(settings.CONFIG)
    service = Service(settings.CONFIG, host=arguments.host, port=arguments.port, parts=[LiveStream()])
    with console.status("starting the engines"):
        engines.start()
    demo = Demo(service)
    story = Story(settings.BASE_URL) if arguments.check else None
    beside = threading.Thread(target=demo.tell if story is None else lambda: play(service, story), daemon=True)
    try:
        beside.start()
        service.run(engines, prepare=demo.prepare)
        beside.join(10)
    finally:
        demo.stop()
        engines.stop()
        if arguments.check and not arguments.data:
            shutil.rmtree(settings.DATA_DIR, ignore_errors=True)
    if story is None:
        return 0
    print(json.dumps(story.figures, ensure_ascii=False), flush=True)
    for sentence in story.missing:
        console.print(f"[red]did not happen:[/red] {sentence}")
    return 1 if story.missing else 0


def play(service: Service, story: Story) -> None:
    """Play the story against the running service, then bring it down."""
    service.ready.wait()
    try:
        story.play()
    finally:
        service.shut_down()


class Demo:
    """The world in its data folder, and the audiences that go on reporting while it is served."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._audiences: dict[str, Audience] = {}
        self._secrets: dict[str, str] = {}
        self._loop: Loop | None = None

    def prepare(self, worker: Worker) -> None:
        """Make the world on the first start; on a later one only go on with it."""
        now = utc_now()
        self._audiences = make_audiences(now)
        try:
            keys = kept_keys(settings.DATA_DIR)
        except FileNotFoundError:
            keys = self._make(worker, now)
        simulated = App.objects.filter(is_simulated=True)
        self._secrets = {app.scenario: keys.of_app[app.ref] for app in simulated if app.ref in keys.of_app}
        self._loop = Loop("audience", self._report, every_s=REPORT_S)
        threading.Thread(target=self._begin, daemon=True).start()

    def stop(self) -> None:
        """Send the audience home."""
        if self._loop is not None:
            self._loop.stop()

    def tell(self) -> None:
        """Once all is up, say where."""
        self._service.ready.wait()
        out = Console(highlight=False)
        out.print(f"\nOpen [bold]{settings.BASE_URL}{entry_path('lin')}[/bold]")
        out.print(
            "The three customers and their past hour are simulated; the try-it stream is real. Ctrl-C stops it.\n"
        )

    def _make(self, worker: Worker, now: datetime) -> Keys:
        world: World = make_people_and_customers(now)
        by_app = {key.app: key for key in load_keys()}
        store_past_hour(worker, world.apps, self._audiences, by_app, now)
        replay_past_fault(world.apps, world.people, now)
        keep_keys(world.keys, settings.DATA_DIR)
        return world.keys

    def _begin(self) -> None:
        self._service.ready.wait()
        if self._loop is not None:
            self._loop.start()

    def _report(self, now: datetime) -> None:
        """What everyone in the audience reports now, through the front door like any client."""
        at_s = now.timestamp() // REPORT_S * REPORT_S
        for scenario, audience in self._audiences.items():
            lines = "\n".join(json.dumps(line) for line in audience.reports(at_s))
            request = urllib.request.Request(  # noqa: S310 - our own address
                f"{settings.BASE_URL}/v1/samples",
                data=lines.encode(),
                headers={
                    "Authorization": f"Bearer {self._secrets[scenario]}",
                    "Idempotency-Key": f"{scenario}-{at_s}",
                    "Content-Type": "application/x-ndjson",
                },
            )
            urllib.request.urlopen(request, timeout=20).close()  # noqa: S310
