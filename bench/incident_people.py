"""What the `incident` group puts into a running server's database; prints one JSON line."""

import json
import os
import sys
import time as clock
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "aftercare.settings"
django.setup()

from django.db import connection  # noqa: E402 - models exist only now
from django.db.models import F  # noqa: E402

from aftercare.accounts.models import Customer, User  # noqa: E402
from aftercare.desk import actions as desk  # noqa: E402
from aftercare.desk.models import Group  # noqa: E402
from aftercare.incidents.models import (  # noqa: E402
    Incident,
    IncidentCustomer,
    Kind,
    StatusChange,
    StatusPage,
    TimelineEntry,
)
from aftercare.incidents.status.addresses import folder_of  # noqa: E402
from aftercare.incidents.status.keeping import (  # noqa: E402
    ComponentFacts,
    PublicFacts,
    add_component,
    save_public,
)
from aftercare.incidents.status.publishing import PublicTitle  # noqa: E402
from aftercare.incidents.telling.posting import post_update  # noqa: E402
from aftercare.kernel.clock import utc_now  # noqa: E402
from aftercare.notify.actions import new_webhook_secret  # noqa: E402
from aftercare.notify.envelope import sealed  # noqa: E402
from aftercare.notify.models import Account, ContactMethod, WebhookEndpoint  # noqa: E402
from aftercare.oncall.actions import save_policy, start_page  # noqa: E402
from bench.oncall_people import reached, schedule_of  # noqa: E402

INCIDENT = "benched-incident"


def touched(customers: int) -> tuple[Incident, list[Customer]]:
    """An incident that touches so many customers, half of whom read Chinese."""
    now = utc_now()
    made = Customer.objects.bulk_create(
        Customer(name=f"Customer {n}", language="zh-hans" if n % 2 else "en") for n in range(customers)
    )
    incident = Incident.objects.create(ref=INCIDENT, title="An edge drops packets", severity="red", opened_at=now)
    IncidentCustomer.objects.bulk_create(IncidentCustomer(incident=incident, customer=one) for one in made)
    return incident, made


def broadcast(webhooks: int, port: int, mails: int, channels: str) -> dict[str, float]:
    """One update to as many customers as there are webhooks, mailboxes and chats, each of whom hears it by one of them;
    one second later a page starts. `channels` is the file that says where `bench.channels` are.
    """
    now, there = utc_now(), json.loads(Path(channels).read_text())
    chats = [(name, chat) for name, vendor in there["vendors"].items() for chat in vendor["chats"]]
    incident, made = touched(webhooks + mails + len(chats))
    WebhookEndpoint.objects.bulk_create(
        WebhookEndpoint(
            customer=one, url=f"http://127.0.0.1:{port}/{one.ref}", secret=new_webhook_secret(), created_at=now
        )
        for one in made[:webhooks]
    )
    mailed(made[webhooks : webhooks + mails], now)
    accounts = {
        name: Account.objects.create(
            channel=name, name=name, config=vendor["config"], secrets=sealed(vendor["secrets"]), created_at=now
        )
        for name, vendor in there["vendors"].items()
    }
    Group.objects.bulk_create(
        Group(
            customer=one,
            account=accounts[name],
            chat_id=chat,
            name=f"{name} {chat}",
            language=one.language,
            created_at=now,
            updated_at=now,
        )
        for one, (name, chat) in zip(made[webhooks + mails :], chats, strict=True)
    )
    [engineer] = reached(1, port, now)
    save_policy(steps=[(schedule_of(engineer, now), 3600)], actor=None, now=now)
    analyze()
    at = utc_now()
    post_update(
        incident=incident,
        author=engineer,
        stage="identified",
        body="An edge in Shanghai drops packets.",
        body_zh="上海一个边缘节点丢包。",
        next_within=timedelta(minutes=30),
        token="a" * 32,
        now=at,
    )
    clock.sleep(1)
    paged = utc_now()
    start_page(subject_ref="fired", severity="red", title="Another thing breaks", url_path="/", now=paged)
    return {"told": at.timestamp(), "paged": paged.timestamp()}


def mailed(customers: Sequence[Customer], now: datetime) -> None:
    """An owner of each, who is told by mail."""
    owners = [
        User(email=f"owner{n}@c{n}.example", name=f"Owner {n}", role="owner", customer=one, language=one.language)
        for n, one in enumerate(customers)
    ]
    for owner in owners:
        owner.set_unusable_password()
    made = User.objects.bulk_create(owners)
    ContactMethod.objects.bulk_create(
        ContactMethod(user=owner, channel="email", address=owner.email, verified=True, created_at=now) for owner in made
    )


def page(entries: int, customers: int, tickets: int) -> dict[str, str]:
    """An incident with so much in it."""
    now = utc_now()
    incident, made = touched(customers)
    ada = User.objects.get(email="ada@provider.example")
    for n in range(tickets):
        ticket = desk.open_ticket(
            customer_id=made[n % customers].pk,
            app_id=None,
            title=f"Stalls, seen {n} times",
            severity="P2",
            body="Since eight.",
            opened_by=None,
            incident_ref=incident.ref,
            now=now,
        )
        incident.customers.filter(customer=ticket.customer_id, ticket=None).update(ticket=ticket)
    TimelineEntry.objects.bulk_create(
        TimelineEntry(incident=incident, at=now, kind=Kind.NOTE, actor=ada, data={"text": f"Looked at host {n}."})
        for n in range(entries)
    )
    analyze()
    return {"path": f"/incidents/{incident.ref}"}


def status(customers: int, updates: int) -> dict[str, list[float]]:
    """Seconds from an update of an incident that touches all of them until the last file of every page is written."""
    now = utc_now()
    incident, made = touched(customers)
    StatusPage.objects.bulk_create(StatusPage(customer=one, due_at=now) for one in made)
    save_public(facts=PublicFacts("Provider", "服务商", "Asia/Shanghai"), actor=None, now=now)
    for name in ("Playback", "Publishing", "Calls", "API"):
        add_component(facts=ComponentFacts(name, name), actor=None, now=now)
    analyze()
    pages = list(StatusPage.objects.select_related("customer"))
    author = User.objects.get(email="ada@provider.example")
    wait_until_written(pages, "")
    took = []
    for n in range(updates):
        text = f"An edge in Shanghai drops packets, said {n} times."
        at = utc_now()
        post_update(
            incident=incident,
            author=author,
            stage="identified",
            body=text,
            body_zh=text,
            next_within=timedelta(minutes=30),
            token=f"{n:032x}",
            public=PublicTitle("Playback is disturbed", "播放异常"),
            now=at,
        )
        took.append(wait_until_written(pages, text) - at.timestamp())
        clock.sleep(3)
    return {"took": took}


def wait_until_written(pages: list[StatusPage], text: str) -> float:
    """When the last file of these pages was written; each must say so. Asked five times a second, to disturb little."""
    behind = StatusPage.objects.exclude(written_at__isnull=False, wanted=F("taken"), lease_until=None)
    while StatusChange.objects.exists() or behind.exists():
        clock.sleep(0.2)
    files = [folder_of(page) / name for page in pages for name in ("index.html", "status.json")]
    assert all(text in path.read_text() for path in files), "a page does not say it"
    return max(path.stat().st_mtime for path in files)


def analyze() -> None:
    """As autovacuum does within a minute of so many new rows."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    what, *numbers = sys.argv[1:]
    work: dict[str, Callable[..., object]] = {"broadcast": broadcast, "page": page, "status": status}
    print(json.dumps(work[what](*(int(one) if one.isdecimal() else one for one in numbers))))
