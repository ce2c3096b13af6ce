"""What each command does, once the settings are read."""

import argparse
import json
import logging

from django.conf import settings
from rich.console import Console

from aftercare.accounts.actions.people import Invited, invite_person, renew_invitation
from aftercare.accounts.models import User
from aftercare.accounts.queries import has_staff
from aftercare.kernel.clock import utc_now
from aftercare.serve.demo.command import run_demo
from aftercare.serve.doctor import report_health
from aftercare.serve.doctor_engines import Running, check_migrations
from aftercare.serve.engines import Engines
from aftercare.serve.lock import is_served
from aftercare.serve.process import Service
from aftercare.telemetry.store.identity import adopt
from aftercare.telemetry.store.journal import Journal
from aftercare.telemetry.store.migrations import migration_files

console = Console(highlight=False)
log = logging.getLogger(__name__)


def run(arguments: argparse.Namespace) -> int:
    """Run the chosen command; returns the exit code. Raises Refused."""
    commands = {"serve": serve, "demo": run_demo, "migrate": migrate, "doctor": report_health, "invite": invite}
    return commands[arguments.command](arguments)


def serve(arguments: argparse.Namespace) -> int:
    """Run the service until a signal."""
    service = Service(settings.CONFIG, host=arguments.host, port=arguments.port)
    engines = Engines(settings.CONFIG)
    try:
        with console.status("starting the engines"):
            engines.start()
        words = greeting()
        service.run(engines, on_listening=lambda: console.print(words, soft_wrap=True))
    finally:
        engines.stop(service.ending)
    return 0


def greeting() -> str:
    """What `serve` says once it listens."""
    words = f"Aftercare serves [bold]{settings.BASE_URL}[/bold] from {settings.DATA_DIR}"
    if not has_staff():
        words += "\nNobody can sign in yet. For the first administrator: aftercare invite you@example.com"
    return words


def migrate(arguments: argparse.Namespace) -> int:
    """Bring both schemas up to date; `serve` does the same at its start, so a running one is only asked."""
    if is_served(settings.DATA_DIR) and not arguments.adopt_telemetry:
        check_migrations(Running())
    else:
        engines = Engines(settings.CONFIG)
        engines.start()
        try:
            if arguments.adopt_telemetry and engines.pool is not None:
                folder = settings.DATA_DIR / "telemetry"
                adopt(engines.pool, Journal(folder / "journal"), folder)
        finally:
            engines.stop()
    names = [path.stem for path in migration_files()]
    if arguments.json:
        print(json.dumps({"telemetry": names, "ok": True}))
    else:
        console.print(f"[green]ok[/green] both schemas are up to date (telemetry at {names[-1]})")
    return 0


def invite(arguments: argparse.Namespace) -> int:
    """Print a link with which a person of the provider sets a password: the first administrator's way in."""
    engines = None
    if not is_served(settings.DATA_DIR):
        engines = Engines(settings.CONFIG)
        engines.start_business()
    try:
        invited = link_for(arguments)
    finally:
        if engines is not None:
            engines.stop()
    expires = invited.expires_at.isoformat(timespec="minutes")
    if arguments.json:
        print(json.dumps({"link": invited.link, "email": invited.user.email, "expires_at": expires}))
    else:
        console.print(f"{invited.user.name} sets a password here, once, until {expires}:")
        print(invited.link)
    return 0


def link_for(arguments: argparse.Namespace) -> Invited:
    """A fresh link for a known person, or for a new one of the provider's staff. Raises Refused."""
    known = User.objects.filter(email=arguments.email.strip().lower()).first()
    if known is not None:
        return renew_invitation(user=known, actor=None, now=utc_now())
    name = arguments.name or arguments.email.partition("@")[0]
    return invite_person(
        customer=None, email=arguments.email, name=name, role=arguments.role, actor=None, now=utc_now()
    )
