"""What each command does, once the settings are read."""

import argparse
import json
import logging

from django.conf import settings
from rich.console import Console

from aftercare.serve.demo.command import run_demo
from aftercare.serve.doctor import report_health
from aftercare.serve.process import Engines, Service
from aftercare.telemetry.store.migrations import migration_files

console = Console(highlight=False)
log = logging.getLogger(__name__)


def run(arguments: argparse.Namespace) -> int:
    """Run the chosen command; returns the exit code. Raises Refused."""
    return {"serve": serve, "demo": run_demo, "migrate": migrate, "doctor": report_health}[arguments.command](arguments)


def serve(arguments: argparse.Namespace) -> int:
    """Run the service until a signal."""
    service = Service(settings.CONFIG, host=arguments.host, port=arguments.port)
    engines = Engines(settings.CONFIG)
    with console.status("starting the engines"):
        engines.start()
    try:
        console.print(f"Aftercare serves [bold]{settings.BASE_URL}[/bold] from {settings.DATA_DIR}")
        service.run(engines)
    finally:
        engines.stop()
    return 0


def migrate(arguments: argparse.Namespace) -> int:
    """Bring both schemas up to date; `serve` does the same at its start."""
    engines = Engines(settings.CONFIG)
    engines.start()
    engines.stop()
    names = [path.stem for path in migration_files()]
    if arguments.json:
        print(json.dumps({"telemetry": names, "ok": True}))
    else:
        console.print(f"[green]ok[/green] both schemas are up to date (telemetry at {names[-1]})")
    return 0
