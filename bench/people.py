"""The people beside a made month of telemetry: customers, apps, rules, keys, tickets, somebody on call, sessions.

To be run in a process of its own while no server serves the folder: `python -m bench.people DIR WEBHOOK` puts them into
its PostgreSQL where they are missing, signs readers in, and prints whom and what there is as one JSON line.
"""

import json
import os
import random
import sys
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from bench.samples_sql import APPS, CUSTOMERS, SEED, customer_of, keep_days_of, scenario_of, weights

TICKETS = 2000
KEYS = "bench-keys.json"


def main() -> None:
    """Start the folder's PostgreSQL, put in who is missing, print."""
    folder, webhook = Path(sys.argv[1]), sys.argv[2]
    os.environ |= {"AFTERCARE_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "aftercare.settings"}
    os.environ["AFTERCARE_ALLOW_PRIVATE_WEBHOOKS"] = "1"
    for name in ("AFTERCARE_DATABASE_URL", "AFTERCARE_CLICKHOUSE_URL"):
        os.environ.pop(name, None)
    from aftercare.kernel.config import kept_secret
    from aftercare.serve.postgres import EmbeddedPostgres

    postgres = EmbeddedPostgres(
        folder=folder / "postgresql",
        password=kept_secret(folder / "postgresql.password"),
        log=folder / "postgresql.log",
    )
    postgres.start()
    try:
        postgres.ensure_database("aftercare")
        print(json.dumps(seeded(folder, webhook)))
    finally:
        postgres.stop()


def seeded(folder: Path, webhook: str) -> dict[str, Any]:
    """Whom and what there is: apps by number, readers' cookies, keys."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from aftercare.accounts.models import App, Customer, User
    from aftercare.kernel.clock import utc_now

    call_command("migrate", verbosity=0)
    now = utc_now()
    if not Customer.objects.exists():
        make_companies(now)
        make_tickets(now)
    wake(webhook, now)
    staff = User.objects.get(email="lin@provider.example")
    told = {
        "apps": {str(app.pk): {"ref": app.ref, "name": app.name} for app in App.objects.all()},
        "staff": cookie_of(staff),
        "owners": {str(user.customer_id): cookie_of(user) for user in User.objects.filter(role="owner")},
        "keys": keys_of(folder, now),
    }
    connections.close_all()
    for connection in connections.all():
        connection.close_pool()  # type: ignore[attr-defined]
    return told


def make_companies(now: datetime) -> None:
    """Customers and apps under the numbers that the samples carry, with the rules and people of each."""
    from aftercare.accounts.models import App, Customer, User
    from aftercare.watch.actions import create_default_monitors

    plans = {90: "flagship", 30: "professional"}
    began = now - timedelta(days=400)
    customers = Customer.objects.bulk_create(
        Customer(name=f"Customer {n:03d}", name_zh=f"客户 {n:03d}", plan=plans[keep_days_of(n)], created_at=began)
        for n in range(1, CUSTOMERS + 1)
    )
    apps = App.objects.bulk_create(
        App(
            customer=customers[customer_of(n) - 1],
            name=f"App {n:03d}",
            scenario=scenario_of(n),
            created_at=began,
        )
        for n in range(1, APPS + 1)
    )
    assert [app.pk for app in apps] == list(range(1, APPS + 1)), "the folder's PostgreSQL was not empty"
    for app in apps:
        create_default_monitors(app=app, now=now)
    people = [User(email="lin@provider.example", name="Lin", role="engineer")]
    people += [User(email=f"agent{n}@provider.example", name=f"Agent {n}", role="agent") for n in range(20)]
    for customer in customers:
        for role in ("owner", "developer", "viewer"):
            email = f"{role}{customer.pk}@customer.example"
            people.append(User(email=email, name=f"{role} {customer.pk}", role=role, customer=customer))
    for user in people:
        user.set_unusable_password()
    User.objects.bulk_create(people)


def make_tickets(now: datetime) -> None:
    """A month of tickets, the larger customers with more of them, most of them settled."""
    from aftercare.desk.models import Message, Side, Ticket

    draw = random.Random(SEED)
    tickets = []
    numbers = dict.fromkeys(range(1, APPS + 1), 0)
    for _ in range(TICKETS):
        app = draw.choices(range(1, APPS + 1), weights())[0]
        customer = customer_of(app)
        numbers[customer] += 1
        at = now - timedelta(days=30 * draw.random())
        tickets.append(
            Ticket(
                number=numbers[customer],
                customer_id=customer,
                app_id=app,
                title=f"Stalls in room {draw.randrange(1000)}",
                severity=draw.choice(("P2", "P3", "P4")),
                status="open" if draw.random() < 0.05 else "closed",
                created_at=at,
                updated_at=at,
            )
        )
    made = Ticket.objects.bulk_create(tickets)
    Message.objects.bulk_create(
        Message(ticket=ticket, side=Side.SYSTEM, body="Opened by a rule.", created_at=ticket.created_at)
        for ticket in made
    )


def wake(webhook: str, now: datetime) -> None:
    """The engineer on call, reached at this address and no other webhook."""
    from aftercare.accounts.models import User
    from aftercare.notify.actions import add_contact
    from aftercare.notify.models import ContactMethod
    from aftercare.oncall.actions import save_schedule, turns_document
    from aftercare.oncall.models import Schedule

    engineer = User.objects.get(email="lin@provider.example")
    ContactMethod.objects.filter(user=engineer).delete()
    add_contact(user=engineer, channel="webhook", address=webhook, verified=True, now=now)
    if not Schedule.objects.exists():
        starts = datetime.combine((now - timedelta(days=1)).date(), time())
        turns = turns_document(timezone="UTC", turns=[[engineer]], starts=starts)
        save_schedule(name="Bench", document=turns, actor=None, now=now)


def cookie_of(user: Any) -> str:
    """The Cookie header of a person who has just signed in."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def keys_of(folder: Path, now: datetime) -> dict[str, str]:
    """An ingest key with a wide quota for every app, its secret kept in the folder: it is worth nothing elsewhere."""
    from aftercare.accounts.actions.keys import issue_app_key
    from aftercare.accounts.models import App

    path = folder / KEYS
    if not path.exists():
        wide = 10_000_000
        made = {
            str(app.pk): issue_app_key(app=app, label="bench", actor=None, now=now, quota_lines_per_s=wide).secret
            for app in App.objects.select_related("customer")
        }
        path.touch(mode=0o600)
        path.write_text(json.dumps(made))
    keys: dict[str, str] = json.loads(path.read_text())
    return keys


if __name__ == "__main__":
    main()
