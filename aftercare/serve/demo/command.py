"""`aftercare demo`: the service on a simulated world; with --check the story once, without a person."""

import argparse
import json
import threading
import urllib.request
from datetime import datetime

from django.conf import settings
from rich.console import Console

from aftercare.accounts.models import App
from aftercare.kernel.clock import utc_now
from aftercare.serve.demo.audience import REPORT_S, Audience
from aftercare.serve.demo.check import Check, end_guard, guard_start
from aftercare.serve.demo.entry import entry_path
from aftercare.serve.demo.history import make_audiences, replay_past_fault, store_past_hour
from aftercare.serve.demo.story import Story
from aftercare.serve.demo.stream import LiveStream
from aftercare.serve.demo.world import Keys, World, keep_keys, kept_keys, make_people_and_customers
from aftercare.serve.engines import Engines
from aftercare.serve.keys import load_keys
from aftercare.serve.loops import Loop
from aftercare.serve.process import Service, Worker

console = Console(highlight=False, stderr=True)


def run_demo(arguments: argparse.Namespace) -> int:
    """Run the demo until a signal, or the check until its end. Returns the exit code."""
    if arguments.check:
        guard_start()
    service = Service(settings.CONFIG, host=arguments.host, port=arguments.port, parts=[LiveStream()])
    check = Check(service, Story(settings.BASE_URL)) if arguments.check else None
    demo = Demo(service)
    engines = Engines(settings.CONFIG)
    try:
        with console.status("starting the engines"):
            engines.start()
        if check is not None:
            check.start()
        service.run(engines, prepare=demo.prepare, on_listening=demo.tell if check is None else lambda: None)
    finally:
        demo.stop()
        engines.stop(service.ending)
    return check.finish() if check is not None else 0


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
        end_guard()
        threading.Thread(target=self._begin, daemon=True).start()

    def stop(self) -> None:
        """Send the audience home."""
        if self._loop is not None:
            self._loop.stop()

    def tell(self) -> None:
        """Say where, once all is up."""
        out = Console(highlight=False)
        out.print(f"\nOpen [bold]{settings.BASE_URL}{entry_path('lin')}[/bold]", soft_wrap=True)
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
            try:
                urllib.request.urlopen(request, timeout=20).close()  # noqa: S310
            except OSError:
                if not self._service.ending.has_begun:  # else the door has closed, as it should
                    raise
