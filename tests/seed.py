"""Puts things into the database of a running server (AFTERCARE_DATA says which): the cast, somebody on call."""

import json
import os
import sys
from dataclasses import replace
from datetime import datetime, time, timedelta
from urllib.parse import urlsplit

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "aftercare.settings"
django.setup()

from django.db.models import Sum  # noqa: E402 - models exist only now
from django.test import Client  # noqa: E402 - models exist only now

from aftercare.accounts.actions.keys import (  # noqa: E402 - models exist only now
    issue_app_key,
    issue_resource_key,
    notify_keys_changed,
    revoke_key,
    rotate_key,
)
from aftercare.accounts.models import App, Customer, IngestKey, User  # noqa: E402
from aftercare.desk.actions import (  # noqa: E402
    answer_chat,
    begin_session,
    post_chat,
    save_widget,
    set_presence,
)
from aftercare.desk.actions.chat_widgets import WidgetFacts  # noqa: E402
from aftercare.desk.models import ChatWidget, Inbound, Ticket  # noqa: E402
from aftercare.incidents.models import Incident, IncidentAlert  # noqa: E402
from aftercare.kernel.clock import utc_now  # noqa: E402
from aftercare.notify.actions import add_contact  # noqa: E402
from aftercare.notify.models import Account  # noqa: E402
from aftercare.oncall.actions import save_schedule, turns_document  # noqa: E402
from aftercare.oncall.models import Page  # noqa: E402
from aftercare.watch.actions import create_default_monitors, edit_monitor  # noqa: E402
from aftercare.watch.heartbeats.actions import notify_keys_changed as notify_heartbeats_changed  # noqa: E402
from aftercare.watch.heartbeats.keys import address_of, new_key  # noqa: E402
from aftercare.watch.models import (  # noqa: E402
    Alert,
    Heartbeat,
    HeartbeatPing,
    HeartbeatState,
    Monitor,
    ProbeTarget,
)
from aftercare.watch.outside.keeping import create_source  # noqa: E402
from aftercare.watch.outside.types import SourceFacts  # noqa: E402
from aftercare.watch.types import facts_of  # noqa: E402
from tests.world import make_world  # noqa: E402


def cast(quota: int) -> None:
    """The tests' cast; prints its keys and numbers."""
    world = make_world()
    IngestKey.objects.update(quota_lines_per_s=quota)
    notify_keys_changed()
    told = {
        "show_secret": world.show_secret,
        "social_secret": world.social_secret,
        "node_secret": world.node_secret,
        "show": world.show.pk,
        "show_app": world.show_app.pk,
        "show_app_ref": world.show_app.ref,
        "social": world.social.pk,
        "social_app": world.social_app.pk,
    }
    print(json.dumps(told))


def oncall(address: str) -> None:
    """The cast's engineer on call, with a webhook."""
    now = utc_now()
    engineer = User.objects.get(email="lin@provider.example")
    add_contact(user=engineer, channel="webhook", address=address, verified=True, now=now)
    starts = datetime.combine((now - timedelta(days=1)).date(), time())
    turns = turns_document(timezone="UTC", turns=[[engineer]], starts=starts)
    save_schedule(name="Bench", document=turns, actor=None, now=now)


def rules() -> None:
    """The default rules for every app."""
    for app in App.objects.all():
        create_default_monitors(app=app, now=utc_now())


def floor(metric: str, volume: float) -> None:
    """The default rules for every app; those of this metric speak from this volume on: a test has one viewer."""
    rules()
    for monitor in Monitor.objects.filter(metric=metric):
        facts = replace(facts_of(monitor), min_volume=volume, fire_after=1)
        edit_monitor(monitor=monitor, facts=facts, actor=None, now=utc_now())


def probes(told: str) -> None:
    """Targets of the first customer's app, looked at every second: [kind, address, expectations]; prints their refs."""
    app = App.objects.get(name="Starlight Live")
    owner = {"app": app, "customer_id": app.customer_id, "every_s": 1, "created_at": utc_now()}
    made = [
        ProbeTarget.objects.create(name=kind, kind=kind, address=address, expectations=expect, **owner)
        for kind, address, expect in json.loads(told)
    ]
    print(json.dumps([target.ref for target in made]))


def key(what: str, quota: int) -> None:
    """Revoke or rotate the second customer's keys, or issue one with a quota, or a second node's; prints a secret."""
    told = {}
    now, app = utc_now(), App.objects.get(name="Whisper")
    if what == "node":
        told["secret"] = issue_resource_key(resource_ref="edge-bj-02", label="node", actor=None, now=now).secret
    elif what == "limit":
        issued = issue_app_key(app=app, label="slow", actor=None, now=now, quota_lines_per_s=quota)
        told["secret"] = issued.secret
    else:
        for found in IngestKey.objects.filter(app=app, revoked_at__isnull=True):
            if what == "revoke":
                revoke_key(key=found, actor=None, now=now)
            else:
                told["secret"] = rotate_key(key=found, overlap_h=1, actor=None, now=now).secret
    print(json.dumps(told))


def mailbox(address: str) -> None:
    """A mailbox that takes mail at our own mail server."""
    config = {"address": address, "acknowledge": False}
    Account.objects.create(channel="email", name="Support", config=config, created_at=utc_now())


def mails() -> None:
    """How many mails were kept and wait, and the titles of the tickets that they opened."""
    waiting = Inbound.objects.filter(state="pending").count()
    titles = list(Ticket.objects.filter(way="email").order_by("pk").values_list("title", flat=True))
    print(json.dumps({"kept": Inbound.objects.count(), "waiting": waiting, "titles": titles}))


def chat(*origins: str) -> None:
    """A widget that anyone may write through, and an agent who is on and signed in; prints its keys and the cookie."""
    now, agent = utc_now(), User.objects.get(email="wang@provider.example")
    facts = WidgetFacts(
        name="Console",
        customer=Customer.objects.get(name="Starlight Show"),
        anonymous=True,
        origins=origins,
        greeting="Ask us anything.",
        greeting_zh="有问题请留言。",
        calendar=None,
        reply_within_s=3600,
        enabled=True,
    )
    ada = User.objects.get(email="ada@provider.example")
    widget, secret = save_widget(widget=None, facts=facts, actor=ada, now=now)
    set_presence(user=agent, state="on", now=now)
    told = {"site_key": widget.site_key, "secret": secret, "agent": signed_in(agent), "ada": signed_in(ada)}
    print(json.dumps(told))


def chats(site_key: str, count: int, agents: int) -> None:
    """Open chats of this widget, answered once, spread over so many new agents; prints tokens, tickets and cookies."""
    now, widget = utc_now(), ChatWidget.objects.get(site_key=site_key)
    people = [
        User.objects.create(email=f"agent{n}@provider.example", name=f"Agent {n}", role="agent") for n in range(agents)
    ]
    made = []
    for n in range(count):
        agent = people[n % agents]
        visitor, token = begin_session(widget=widget, identity="", language="en", now=now)
        first = post_chat(visitor=visitor, client_id=f"first-{n:06}", body=f"Question {n}", now=now)
        assert first.ticket is not None
        answer_chat(ticket=first.ticket, author=agent, client_id=f"answer-{n:06}", body="On it", now=now)
        made.append({"token": token, "ticket": first.ticket.ref, "agent": n % agents})
    print(json.dumps({"chats": made, "agents": [signed_in(agent) for agent in people]}))


def heartbeats(count: int, every_s: int) -> None:
    """So many heartbeats of the first customer, expected each `every_s` seconds; prints the paths of their addresses.

    Written as rows: there are more of them than a customer may have.
    """
    now, customer = utc_now(), Customer.objects.get(name="Starlight Show")
    drafts = []
    for n in range(count):
        fingerprint, sealed = new_key()
        draft = Heartbeat(customer=customer, name=f"Job {n}", every_s=every_s, grace_s=60, severity="red")
        draft.key_fingerprint, draft.key_sealed, draft.key_made_at, draft.created_at = fingerprint, sealed, now, now
        drafts.append(draft)
    made = Heartbeat.objects.bulk_create(drafts)
    HeartbeatState.objects.bulk_create(HeartbeatState(heartbeat=one, changed_at=now) for one in made)
    notify_heartbeats_changed()
    print(json.dumps([urlsplit(address_of(one) or "").path for one in made]))


def pings() -> None:
    """What is kept of heartbeats, each by its path: how many pings, the last one's run id and what it told."""
    states = HeartbeatState.objects.select_related("heartbeat").order_by("pk")
    counts = dict(HeartbeatPing.objects.values_list("heartbeat").annotate(n=Sum("repeats")))
    told = {
        urlsplit(address_of(state.heartbeat) or "").path: {
            "status": state.status,
            "pings": counts.get(state.pk, 0),
            "rid": state.last_rid,
            "kind": state.last_kind,
            "last_at": state.last_ping_at.timestamp() if state.last_ping_at else None,
        }
        for state in states
    }
    print(json.dumps({"heartbeats": told, "alerts": Alert.objects.filter(heartbeat__isnull=False).count()}))


def run_ids() -> None:
    """The run ids in the history of every heartbeat, by its path."""
    told: dict[str, list[str]] = {}
    for ping in HeartbeatPing.objects.select_related("heartbeat"):
        told.setdefault(str(ping.heartbeat_id), []).append(ping.rid)
    paths = {str(one.pk): urlsplit(address_of(one) or "").path for one in Heartbeat.objects.all()}
    print(json.dumps({paths[pk]: rids for pk, rids in told.items()}))


def source(kind: str) -> None:
    """A source of the first customer's app; prints the key of its address."""
    made = create_source(
        kind=kind, place=App.objects.order_by("pk")[0], facts=SourceFacts("Elsewhere"), actor=None, now=utc_now()
    )
    print(json.dumps({"key": made.secret}))


def told() -> None:
    """What became of alerts from elsewhere; prints how many there are of each, and of what an alert sets off."""
    alerts = Alert.objects.filter(source__isnull=False)
    open_ones = alerts.filter(closed_at=None)
    counts = {
        "alerts": alerts.count(),
        "open": open_ones.count(),
        "names": open_ones.values("fingerprint").distinct().count(),
        "joined": IncidentAlert.objects.filter(alert__in=alerts).count(),
        "incidents": Incident.objects.count(),
        "unresolved": Incident.objects.exclude(status="resolved").count(),
        "pages": Page.objects.count(),
        "tickets": Ticket.objects.count(),
    }
    print(json.dumps(counts))


def signed_in(user: User) -> str:
    """A new session's cookie."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.cookies["sessionid"].value


if __name__ == "__main__":
    {
        "mailbox": lambda: mailbox(sys.argv[2]),
        "mails": mails,
        "cast": lambda: cast(int(sys.argv[2])),
        "key": lambda: key(sys.argv[2], int(sys.argv[3])),
        "rules": rules,
        "source": lambda: source(sys.argv[2]),
        "told": told,
        "chats": lambda: chats(sys.argv[2], int(sys.argv[3]), int(sys.argv[4])),
        "chat": lambda: chat(*sys.argv[2:]),
        "heartbeats": lambda: heartbeats(int(sys.argv[2]), int(sys.argv[3])),
        "pings": pings,
        "run_ids": run_ids,
        "probes": lambda: probes(sys.argv[2]),
        "oncall": lambda: oncall(sys.argv[2]),
        "floor": lambda: floor(sys.argv[2], float(sys.argv[3])),
    }[sys.argv[1]]()
